/// A part of the mail that a provider may refuse while it accepts all other mail.
package enum SendingScope: Sendable, Hashable, CustomStringConvertible {
    /// A configuration set, by its name.
    case configurationSet(String)
    /// A tenant, by its name.
    case tenant(String)
    /// A domain or an address, in lower case.
    case identity(String)

    /// What it is: `configuration set`, `tenant` or `identity`.
    package var kind: String {
        switch self {
        case .configurationSet: "configuration set"
        case .tenant: "tenant"
        case .identity: "identity"
        }
    }

    /// Its name at the provider.
    package var name: String {
        switch self {
        case .configurationSet(let name), .tenant(let name), .identity(let name): name
        }
    }

    /// The scope as a log names it.
    package var description: String { "\(kind) \(name)" }

    /// The scope of a kind and a name; `nil` for an unknown kind.
    package init?(kind: String, name: String) {
        switch kind {
        case "configuration set": self = .configurationSet(name)
        case "tenant": self = .tenant(name)
        case "identity": self = .identity(name)
        default: return nil
        }
    }

    /// Returns the identities that may authorize a sender: its address, its domain and the parent domains.
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

/// The scopes whose mail the provider refuses at present: it waits, and one message after each ``probeInterval`` probes.
///
/// A pure state machine: times are passed in, and are monotonic.
package struct ParkedScopes: Sendable {
    /// How long after a refusal, or after the last probe, one message probes.
    package static let probeInterval: Duration = .seconds(30)
    /// How long a scope without mail is remembered.
    package static let memory: Duration = .seconds(3600)

    private struct Park {
        var refusedAt: ContinuousClock.Instant
        var nextProbe: ContinuousClock.Instant
        /// When mail of it was seen last.
        var seenAt: ContinuousClock.Instant
    }

    /// The decision about an email that is due.
    package enum Decision: Sendable, Equatable {
        case send
        /// It probes these scopes, which are to be passed to ``didProbe(_:at:)`` once it is sure to be sent.
        case probe([SendingScope])
        /// It waits with the other mail of the scope.
        case wait
    }

    private var parks: [SendingScope: Park] = [:]

    /// A state in which nothing is parked.
    package init() {}

    /// How many scopes are parked.
    package var count: Int { parks.count }
    /// Whether no scope is parked.
    package var isEmpty: Bool { parks.isEmpty }

    /// The provider has refused mail of a scope.
    ///
    /// - Returns: whether the scope was not parked before.
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

    /// A message of these scopes probes: the next one does after ``probeInterval``, unless this one succeeds.
    package mutating func didProbe(_ scopes: [SendingScope], at now: ContinuousClock.Instant) {
        for scope in scopes { parks[scope]?.nextProbe = now + Self.probeInterval }
    }

    /// The provider has accepted a message.
    ///
    /// A call that was under way when another one was refused proves nothing.
    ///
    /// - Parameter began: when the call began.
    /// - Returns: the scopes that are not parked any more.
    package mutating func didSend(_ scopes: [SendingScope], began: ContinuousClock.Instant) -> [SendingScope] {
        let ended = scopes.filter { scope in parks[scope].map { $0.refusedAt < began } ?? false }
        for scope in ended { parks[scope] = nil }
        return ended
    }

    /// Removes scopes of which no mail was seen for ``memory``.
    package mutating func prune(at now: ContinuousClock.Instant) {
        parks = parks.filter { now - $0.value.seenAt < Self.memory }
    }
}

/// The times at which postponed emails are due again: after a delay and spaced apart, so that a queue of many thousands costs a bounded number
/// of rows a second.
package struct PostponementSchedule: Sendable {
    private let delay: Duration
    private let spacing: Duration
    private var last: ContinuousClock.Instant?

    /// A schedule in which an email waits at least `delay`, and two are due at least `spacing` apart.
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
