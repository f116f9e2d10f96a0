import MailModel

/// The state of a delivery worker: how many calls are under way, and which scopes are parked.
///
/// A pure state machine: it does no I/O, and monotonic times are passed in.
struct DeliveryState: Sendable {
    /// What the worker does next.
    enum Step: Equatable {
        /// Nothing more: the program stops.
        case stop
        /// Wait until something changes.
        case wait
        /// Claim up to so many emails.
        case claim(upTo: Int)
    }

    /// The most emails that one claim takes.
    static let largestClaim = 64

    private let concurrency: Int
    private var callsUnderWay = 0
    private var isStopping = false
    private var parked = ParkedScopes()
    /// When the pauses of scopes were stored last, for people to see.
    private var shown: [SendingScope: ContinuousClock.Instant] = [:]

    /// - Parameter concurrency: the most calls under way at the same time.
    init(concurrency: Int) {
        self.concurrency = concurrency
    }

    /// - Parameter isPaused: whether this node must not work at present, because of its clock or its database.
    func nextStep(isPaused: Bool) -> Step {
        if isStopping { return .stop }
        let available = concurrency - callsUnderWay
        return available > 0 && !isPaused ? .claim(upTo: min(available, Self.largestClaim)) : .wait
    }

    /// The program stops: nothing more is claimed.
    mutating func stop() {
        isStopping = true
    }

    /// Counts calls before their emails are claimed, so that none is claimed for which there is no call.
    mutating func beginCalls(_ count: Int) {
        callsUnderWay += count
    }

    /// Counts calls that have ended, or that no email was claimed for.
    mutating func endCalls(_ count: Int) {
        callsUnderWay -= count
    }

    /// Returns the scopes that are parked when a claim begins.
    mutating func parkedScopes(at now: ContinuousClock.Instant) -> ParkedScopes {
        parked.prune(at: now)
        if parked.isEmpty { shown = [:] }
        return parked
    }

    /// Emails that probe these scopes were claimed.
    mutating func didProbe(_ scopes: [SendingScope], at now: ContinuousClock.Instant) {
        if !scopes.isEmpty { parked.didProbe(scopes, at: now) }
    }

    /// The provider has refused mail of a scope.
    ///
    /// - Returns: whether the scope was not parked before.
    mutating func park(_ scope: SendingScope, at now: ContinuousClock.Instant) -> Bool {
        parked.park(scope, at: now)
    }

    /// Whether a refusal of a scope's mail is to be stored, for people to see: the first one, and one for each probe after it.
    mutating func showsPause(of scope: SendingScope, at now: ContinuousClock.Instant) -> Bool {
        if let last = shown[scope], now - last < ParkedScopes.probeInterval / 2 { return false }
        shown[scope] = now
        return true
    }

    /// The provider has accepted an email of these scopes.
    ///
    /// - Parameter began: when its call began.
    /// - Returns: the scopes that are not parked any more.
    mutating func didSend(_ scopes: @autoclosure () -> [SendingScope], began: ContinuousClock.Instant) -> [SendingScope] {
        guard !parked.isEmpty else { return [] }
        let ended = parked.didSend(scopes(), began: began)
        for scope in ended { shown[scope] = nil }
        return ended
    }
}
