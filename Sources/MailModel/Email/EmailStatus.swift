/// The status of an email (specification 5.9).
///
/// A status only moves forward, by rank, never by last write: SES delivers its events at least once and in any order,
/// and every order has to end in the same status.
package enum EmailStatus: String, Sendable, CaseIterable {
    /// Waits for its `sendAt`.
    case scheduled = "SCHEDULED"
    /// Accepted, counted and durable.
    case queued = "QUEUED"
    /// Claimed by a node; an attempt is recorded.
    case dequeued = "DEQUEUED"
    /// Handed to the provider.
    case sent = "SENT"
    /// A template variable was missing; not sent.
    case incomplete = "INCOMPLETE"
    /// Cancelled by its owner while it was scheduled.
    case cancelled = "CANCELLED"
    /// The recipient is on a suppression list; not sent, not counted.
    case blacklisted = "BLACKLISTED"
    /// The provider calls the recipient address malformed.
    case badTo = "BAD_TO"
    /// The sender is not verified.
    case badFrom = "BAD_FROM"
    /// Account or domain is blocked.
    case blockedDueBadBehaviour = "BLOCKED_DUE_BAD_BEHAVIOUR"
    /// Every attempt within the maximum age failed.
    case exhausted = "EXHAUSTED"
    /// The provider refused it for good.
    case notSent = "NOT_SENT"
    /// A soft or undetermined bounce.
    case bounced = "BOUNCED"
    case delivered = "DELIVERED"
    case open = "OPEN"
    case click = "CLICK"
    /// A hard bounce.
    case bouncedPermanent = "BOUNCED_PERMANENT"
    case complained = "COMPLAINED"

    /// The place in the order of declaration: `SCHEDULED` is lowest, `COMPLAINED` highest.
    ///
    /// The specification orders the ten statuses of a message that is sent; the eight that end it before delivery are ranked between
    /// `SENT` and `BOUNCED`, so that an event of SES about a message that was sent always wins over our record that it was not.
    package var rank: Int {
        Self.ranks[self, default: 0]
    }

    private static let ranks = Dictionary(uniqueKeysWithValues: zip(allCases, 0...))

    /// Returns the status after an event, in whatever order events arrive.
    package func advanced(by event: EmailStatus) -> EmailStatus {
        event.rank > rank ? event : self
    }

    /// Whether the email still waits to be handed to the provider.
    package var isPending: Bool {
        rank <= EmailStatus.dequeued.rank
    }
}
