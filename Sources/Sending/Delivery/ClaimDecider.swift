import MailModel
import Storage

/// Plans the claims of a worker: how many emails each takes, and which.
struct ClaimPlanner: Sendable {
    var decider = ClaimDecider()
    var failures = ClaimFailures()

    /// The rules of the next claim.
    ///
    /// - Parameter limit: the most emails that may be claimed.
    func rules(upTo limit: Int, _ settings: DeliverySettings) -> EmailClaimRules {
        // Behind emails that were postponed there may be others that can be sent.
        let readsFurther = decider.didPostpone && !failures.isSearching
        return EmailClaimRules(
            owner: settings.owner, lease: settings.lease, grace: settings.grace, limit: failures.limit(limit),
            lookAt: readsFurther ? DeliveryState.largestClaim : nil)
    }
}

/// Decides which of the due emails are claimed: none of a parked scope, and no more than there is memory for.
///
/// A value, as the transaction of a claim may run twice, each time on a copy. The worker keeps the copy of the run that was committed.
struct ClaimDecider: Sendable {
    /// Mail of a parked scope waits about as long as until the next probe; up to 200 emails a second are due again.
    private static let parkedDelay = PostponementSchedule(delay: ParkedScopes.probeInterval, spacing: .milliseconds(5))
    /// Large messages wait for others to be sent, which takes a second or two; up to 100 emails a second are due again.
    private static let largeDelay = PostponementSchedule(delay: .seconds(1), spacing: .milliseconds(10))

    private var whenParked = Self.parkedDelay
    private var whenLarge = Self.largeDelay
    private var parked = ParkedScopes()
    private var freeBytes = 0
    private var now = ContinuousClock.now
    /// Whether emails of the last claim were postponed, so that the next one has to read further.
    private(set) var didPostpone = false
    /// The parked scopes that an email of this claim probes.
    private(set) var probed: [SendingScope] = []

    /// Begins a claim.
    ///
    /// - Parameter freeBytes: the memory that the messages of this claim may take.
    mutating func begin(parked: ParkedScopes, freeBytes: Int, at now: ContinuousClock.Instant) {
        (self.parked, self.freeBytes, self.now) = (parked, freeBytes, now)
        (didPostpone, probed) = (false, [])
    }

    /// - Parameter scopes: the scopes of an origin; called only where a scope is parked.
    mutating func decide(_ email: EmailState, scopes: (SendingOrigin) -> [SendingScope]) -> ClaimDecision {
        let decision = parked.isEmpty ? .send : parked.decide(scopes(email.origin), at: now)
        if decision == .wait { return postpone(by: whenParked.next(at: now)) }
        let bytes = MessageMemoryBudget.estimate(ofContent: Int(email.contentBytes ?? 0))
        if bytes > MessageMemoryBudget.alwaysGranted {
            // One email more than there is memory for: it waits for its memory in the queue of the budget, so that smaller ones do not
            // starve it.
            guard freeBytes > 0 else { return postpone(by: whenLarge.next(at: now)) }
            freeBytes -= bytes
        }
        if case .probe(let scopes) = decision {
            parked.didProbe(scopes, at: now)
            probed += scopes
        }
        return .claim
    }

    private mutating func postpone(by delay: Duration) -> ClaimDecision {
        didPostpone = true
        return .postpone(delay)
    }
}

/// Finds the email for which claims fail: claims one email at a time, until as many have succeeded as a claim takes otherwise.
///
/// Rows that cannot be read are recognised by the claim itself; this is for any other reason that a row may give.
struct ClaimFailures: Sendable {
    private var left = 0

    /// Whether claims are made email by email.
    var isSearching: Bool { left > 0 }

    /// How many emails a claim may take, of `count` at the most.
    func limit(_ count: Int) -> Int {
        isSearching ? min(1, count) : count
    }

    mutating func didSucceed() {
        left = max(0, left - 1)
    }

    /// A claim has failed, and would fail again.
    ///
    /// - Returns: whether it is the email that is due longest for which it fails.
    mutating func didFail() -> Bool {
        defer { left = DeliveryState.largestClaim }
        return isSearching
    }
}
