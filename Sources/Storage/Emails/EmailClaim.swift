public import MailModel

/// How a node takes emails out of the queue.
public struct EmailClaimRules: Sendable {
    /// Content up to this size is read by the claim itself. What is larger is read when there is memory for it: see
    /// ``ReadContext/completed(_:)``.
    public static let largestContentRead = 128 << 10

    /// The node that claims.
    public var owner: String
    /// How long the claim holds.
    public var lease: Duration
    /// How long the provider's own events have to settle an attempt whose node died.
    public var grace: Duration
    /// At most so many emails are claimed.
    public var limit: Int
    /// At most so many due emails are looked at: more than ``limit`` where some of them are likely to be postponed.
    public var lookAt: Int

    /// - Parameter lookAt: `nil`: as many as may be claimed.
    public init(owner: String, lease: Duration, grace: Duration, limit: Int, lookAt: Int? = nil) {
        self.owner = owner
        self.lease = lease
        self.grace = grace
        self.limit = limit
        self.lookAt = max(limit, lookAt ?? limit)
    }
}

/// Whether a due email is claimed.
public enum ClaimDecision: Sendable, Equatable {
    case claim
    /// It is due again after this time. No attempt is counted, and its timeline says nothing of it.
    case postpone(Duration)
}

/// An email that was claimed, with its content as far as it is read.
public struct ClaimedEmail: Sendable {
    /// Its texts are empty where ``textsAreLeft``.
    public var email: Email
    /// Bytes of its texts and attachments.
    public var contentBytes: Int
    /// The texts are still in the database.
    public var textsAreLeft: Bool

    public init(email: Email, contentBytes: Int, textsAreLeft: Bool) {
        self.email = email
        self.contentBytes = contentBytes
        self.textsAreLeft = textsAreLeft
    }

    /// An email that was read with its texts.
    public init(_ email: Email) {
        self.init(email: email, contentBytes: email.content.byteCount, textsAreLeft: false)
    }
}

/// A row of the queue that could not be read.
public struct UnreadableEmail: Sendable, Equatable {
    public enum Consequence: Sendable, Equatable {
        /// It ended as `NOT_SENT`, which the customer sees.
        case ended
        /// Not even its state can be read. It is looked at again later.
        case postponed
    }

    /// The email's id, in hexadecimal digits where it is none.
    public var id: String
    public var reason: String
    public var consequence: Consequence
}

/// What a claim has taken out of the queue.
public struct EmailClaim: Sendable {
    public var emails: [ClaimedEmail] = []
    /// How many due emails were postponed.
    public var postponed = 0
    public var unreadable: [UnreadableEmail] = []
}

extension EmailContent {
    /// Bytes of its texts and attachments.
    public var byteCount: Int {
        attachments.reduce(text.utf8.count + (html?.utf8.count ?? 0)) { $0 + $1.size }
    }
}
