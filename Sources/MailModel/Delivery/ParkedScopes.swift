/// What a provider may take no mail of while it takes all other mail.
package enum SendingScope: Sendable, Hashable, CustomStringConvertible {
    /// By its name.
    case configurationSet(String)
    /// A domain or an address, in lower case.
    case identity(String)

    package var description: String {
        switch self {
        case .configurationSet(let name): "configuration set \(name)"
        case .identity(let name): "identity \(name)"
        }
    }

    /// The identities that may stand behind a sender: its address, its domain and the domains above that.
    package static func identities(of sender: EmailAddress) -> [SendingScope] {
        var names = [sender.description.lowercased()]
        var labels = sender.domain.description.lowercased().split(separator: ".")[...]
        while labels.count > 1 {
            names.append(labels.joined(separator: "."))
            labels = labels.dropFirst()
        }
        return names.map(SendingScope.identity)
    }
}

/// The scopes of which the provider takes no mail at present: their mail waits, and one message after each ``probeInterval`` tries again.
///
/// A pure state machine: times are passed in, and are monotonic.
package struct ParkedScopes: Sendable {
    /// How long after a refusal, or after the last try, one message tries again.
    package static let probeInterval: Duration = .seconds(30)
    /// A scope without any mail for so long is forgotten.
    package static let memory: Duration = .seconds(3600)

    private struct Park {
        var refusedAt: ContinuousClock.Instant
        var nextProbe: ContinuousClock.Instant
        /// When mail of it was seen last.
        var seenAt: ContinuousClock.Instant
    }

    /// What is to become of an email that could be sent now.
    package enum Decision: Sendable, Equatable {
        case send
        /// It is the one that tries again: these scopes are to be told by ``didProbe(_:at:)`` once it is sure to be sent.
        case probe([SendingScope])
        /// It waits with the others.
        case wait
    }

    private var parks: [SendingScope: Park] = [:]

    package init() {}

    package var count: Int { parks.count }
    package var isEmpty: Bool { parks.isEmpty }

    /// The provider has refused mail of a scope.
    ///
    /// - Returns: whether that is news.
    package mutating func park(_ scope: SendingScope, at now: ContinuousClock.Instant) -> Bool {
        let isNew = parks[scope] == nil
        parks[scope] = Park(refusedAt: now, nextProbe: now + Self.probeInterval, seenAt: now)
        return isNew
    }

    /// Decides about an email.
    ///
    /// - Parameter scopes: all that it belongs to.
    package mutating func decide(_ scopes: [SendingScope], at now: ContinuousClock.Instant) -> Decision {
        let parked = scopes.filter { parks[$0] != nil }
        guard !parked.isEmpty else { return .send }
        for scope in parked { parks[scope]?.seenAt = now }
        return parked.allSatisfy { (parks[$0]?.nextProbe ?? now) <= now } ? .probe(parked) : .wait
    }

    /// A message of these scopes tries again: the next one does after ``probeInterval``, unless this one succeeds.
    package mutating func didProbe(_ scopes: [SendingScope], at now: ContinuousClock.Instant) {
        for scope in scopes { parks[scope]?.nextProbe = now + Self.probeInterval }
    }

    /// The provider has taken a message. A call that was under way when another was refused proves nothing.
    ///
    /// - Parameter began: when the call began.
    /// - Returns: the scopes whose mail goes again.
    package mutating func didSend(_ scopes: [SendingScope], began: ContinuousClock.Instant) -> [SendingScope] {
        let ended = scopes.filter { scope in parks[scope].map { $0.refusedAt < began } ?? false }
        for scope in ended { parks[scope] = nil }
        return ended
    }

    /// Forgets scopes of which nothing is left to be sent.
    package mutating func prune(at now: ContinuousClock.Instant) {
        parks = parks.filter { now - $0.value.seenAt < Self.memory }
    }
}

/// When postponed emails are due again: after a delay, and one after the other, so that a queue of many thousands costs a bounded number of rows a
/// second however many of them wait.
package struct PostponementSchedule: Sendable {
    private let delay: Duration
    private let spacing: Duration
    private var last: ContinuousClock.Instant?

    package init(delay: Duration, spacing: Duration) {
        self.delay = delay
        self.spacing = spacing
    }

    /// Plans one email.
    ///
    /// - Returns: how long it waits.
    package mutating func next(at now: ContinuousClock.Instant) -> Duration {
        let time = max(now + delay, last.map { $0 + spacing } ?? now)
        last = time
        return time - now
    }
}
