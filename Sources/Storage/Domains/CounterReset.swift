import MailModel

/// A call of `reset-daily` or `reset-monthly`, which works through all domains in steps.
///
/// How far it has come is kept in the database: a call that breaks off is gone on with by the next one of its kind, wherever that runs.
package struct CounterReset: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case daily, monthly
    }

    package let id: Int64
    package let kind: Kind
    /// When it began, or began once more.
    var startedAt: Timestamp
    /// The id of the last domain that it has passed.
    var lastDomain: Int64 = 0
    var hasAllDomains = false
    /// How many live domains it has passed.
    package internal(set) var liveDomains: Int64 = 0
    /// Whether every entry that it reports is marked as its own.
    var hasAllEntries = false

    init(id: Int64, kind: Kind, startedAt: Timestamp) {
        self.id = id
        self.kind = kind
        self.startedAt = startedAt
    }

    /// Whether nothing is left but to finish it.
    var isComplete: Bool { hasAllDomains && (hasAllEntries || kind == .daily) }

    /// Whether its period is over: what it has done belongs to another day or month, and is to be done once more.
    func isOutdated(at time: Timestamp) -> Bool {
        switch kind {
        case .daily: startedAt.day != time.day
        case .monthly: startedAt.month != time.month
        }
    }

    /// Begins once more with the first domain. What it has frozen stays its own.
    mutating func restart(at time: Timestamp) {
        startedAt = time
        lastDomain = 0
        hasAllDomains = false
        liveDomains = 0
    }
}
