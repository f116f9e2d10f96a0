import Database
import MailModel

/// The queries and changes of one transaction, which many commands may share. It must not leave the closure it was passed to.
///
/// Domains are read once and written once in a transaction, however many commands count on them: see ``DomainCache``.
package final class WriteContext: ReadContext {
    var domains = DomainCache()
    var lanes = ReceiverQueueCache()
    /// The callback endpoints of the accounts that were asked for.
    var endpoints: [Int64: [CallbackEndpoint]] = [:]
    /// What was told of the emails that were asked for.
    var told: [EmailID: [QueuedEvent]] = [:]
    /// Callbacks that a claim of this transaction has parked because their rows could not be read.
    package internal(set) var unreadableCallbacks: [UnreadableCallback] = []
    /// Whom the commit wakes.
    var wakeups: Set<Wakeup> = []
    var reputations = ReputationLedger()
    var reports = ReportLedger()
    /// When the campaigns of this transaction's emails began, as far as it knows.
    var startedCampaigns: [CampaignKey: Timestamp] = [:]
    /// How many more campaigns accounts may begin today, as far as this transaction has asked.
    var campaignRoom: [Int64: Int] = [:]
    let knownCampaigns: KnownCampaigns
    var foundCampaigns = KnownCampaigns.Findings()
    /// The accounts that were asked for.
    var accounts: [Int64: Account] = [:]
    /// The accounts whose rows are locked, with what they were judged by when this transaction first looked, as far as it has.
    var lockedAccounts: [Int64: ReputationWindow?] = [:]
    /// What is still to be written to the suppression lists.
    var newSuppressions = PendingSuppressions()
    var suppressed = SuppressionCache()
    var feedback = FeedbackCache()
    /// The emails that were read for changing, as they are now.
    var emailStates: [EmailID: EmailState] = [:]
    /// The labels of emails that have some, as far as they were asked for.
    var tags: [EmailID: [String]] = [:]

    init(_ transaction: any DatabaseTransaction, now: Timestamp, campaigns: KnownCampaigns = KnownCampaigns()) {
        knownCampaigns = campaigns
        super.init(transaction, now: now)
    }

    /// Writes the suppressions, domains and lanes that changed, what accounts have sent, and what reports count: each in the order of its keys.
    func flush() throws {
        try flushSuppressions()
        for domain in domains.takeChanged() {
            try update(domain)
            reputations.add(ReputationCounts(sent: domain.admitted), of: domain.accountID, on: now.day)
        }
        for (row, counts) in reputations.take() {
            try add(counts, to: row)
            // The window has them in it from now on.
            if lockedAccounts[row.accountID] != nil { lockedAccounts[row.accountID] = .some(nil) }
        }
        try flushLanes()
        try flushReports()
    }
}

/// The domains that a transaction has read, with the changes that are still to be written.
struct DomainCache {
    private struct Entry {
        var domain: SendingDomain
        var isChanged = false
    }

    private var entries: [Int64: Entry] = [:]
    private var ids: [DomainName: Int64] = [:]
    /// Names that no domain had when the batch began.
    private var absent: Set<DomainName> = []

    /// Names that were looked for together with the locks: those that were not found are not looked for again.
    mutating func note(absent names: Set<DomainName>) {
        absent = names.filter { ids[$0] == nil }
    }

    func isAbsent(_ name: DomainName) -> Bool {
        ids[name] == nil && absent.contains(name)
    }

    func domain(_ id: Int64) -> SendingDomain? {
        entries[id]?.domain
    }

    func domain(named name: DomainName) -> SendingDomain? {
        ids[name].flatMap { entries[$0]?.domain }
    }

    mutating func add(_ domain: SendingDomain) {
        entries[domain.id] = Entry(domain: domain)
        if domain.deletedAt == nil { ids[domain.name] = domain.id }
    }

    mutating func change(_ domain: SendingDomain) {
        entries[domain.id] = Entry(domain: domain, isChanged: true)
        if domain.deletedAt == nil {
            ids[domain.name] = domain.id
        } else if ids[domain.name] == domain.id {
            ids[domain.name] = nil
        }
    }

    /// The changed domains, which from then on count as unchanged. In the order of their ids: two nodes then never wait for each other.
    mutating func takeChanged() -> [SendingDomain] {
        let changed = entries.values.filter(\.isChanged).map(\.domain).sorted { $0.id < $1.id }
        for domain in changed {
            entries[domain.id]?.isChanged = false
            entries[domain.id]?.domain.admitted = 0
        }
        return changed
    }

    /// What an account's domains let through and is not counted for it yet.
    func admitted(ofAccount accountID: Int64) -> ReputationCounts {
        let domains = entries.values.filter { $0.isChanged && $0.domain.accountID == accountID }
        return ReputationCounts(sent: domains.reduce(0) { $0 + $1.domain.admitted })
    }

    /// Tells an account's domains what its reputation allows from now on.
    mutating func set(_ status: Account.Status, ofAccount accountID: Int64) {
        for (id, entry) in entries where entry.domain.accountID == accountID {
            entries[id]?.domain.accountStatus = status
        }
    }

    mutating func removeAll() {
        self = DomainCache()
    }
}
