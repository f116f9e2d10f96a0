import MailModel
import Storage

/// Decides which of the emails that are due are claimed: not those of a parked scope, and not more than there is memory for.
///
/// A value: a claim's transaction may run twice, each time on a copy, and the delivery takes over what came of it once it is committed.
struct ClaimDecider: Sendable {
    /// Mail of a parked scope waits about as long as the next try takes; up to 200 emails a second are looked at again.
    private static let parkedDelay = PostponementSchedule(delay: ParkedScopes.probeInterval, spacing: .milliseconds(5))
    /// Large messages wait for others to go, which takes a second or two; up to 100 emails a second are looked at again.
    private static let largeDelay = PostponementSchedule(delay: .seconds(1), spacing: .milliseconds(10))

    private var whenParked = Self.parkedDelay
    private var whenLarge = Self.largeDelay
    private var parked = ParkedScopes()
    private var room = 0
    private var now = ContinuousClock.now
    /// Emails of the last claim were postponed, so the next one has to look further.
    private(set) var didPostpone = false
    /// The scopes for which an email of this claim tries again.
    private(set) var probed: [SendingScope] = []

    /// Begins a claim.
    ///
    /// - Parameter room: bytes of memory that messages of this claim may take.
    mutating func begin(parked: ParkedScopes, room: Int, at now: ContinuousClock.Instant) {
        (self.parked, self.room, self.now) = (parked, room, now)
        (didPostpone, probed) = (false, [])
    }

    /// - Parameter scopes: what the email belongs to, asked for where something is parked.
    mutating func decide(_ email: EmailState, scopes: (EmailAddress) -> [SendingScope]) -> ClaimDecision {
        let decision = parked.isEmpty ? .send : parked.decide(scopes(email.sender), at: now)
        if decision == .wait { return postpone(by: whenParked.next(at: now)) }
        let bytes = MessageMemoryBudget.estimate(ofContent: Int(email.contentBytes ?? 0))
        if bytes > MessageMemoryBudget.alwaysGranted {
            // One more than there is room for: it waits in its turn, so that no smaller one is preferred to it for ever.
            guard room > 0 else { return postpone(by: whenLarge.next(at: now)) }
            room -= bytes
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
