package import MailModel

/// How a node takes emails out of the queue.
package struct EmailClaimRules: Sendable {
    /// Content up to this size is read by the claim itself. What is larger is read when there is memory for it: see
    /// ``ReadContext/completed(_:)``.
    package static let largestContentRead = 128 << 10

    /// The node that claims.
    package var owner: String
    /// How long the claim holds.
    package var lease: Duration
    /// How long the provider's own events have to settle an attempt whose node died.
    package var grace: Duration
    /// At most so many emails are claimed.
    package var limit: Int
    /// At most so many due emails are looked at: more than ``limit`` where some of them are likely to be postponed.
    package var lookAt: Int

    /// - Parameter lookAt: `nil`: as many as may be claimed.
    package init(owner: String, lease: Duration, grace: Duration, limit: Int, lookAt: Int? = nil) {
        self.owner = owner
        self.lease = lease
        self.grace = grace
        self.limit = limit
        self.lookAt = max(limit, lookAt ?? limit)
    }
}

/// Whether a due email is claimed.
package enum ClaimDecision: Sendable, Equatable {
    case claim
    /// It is due again after this time. No attempt is counted, and its timeline says nothing of it.
    case postpone(Duration)
}

/// An email that was claimed, with its content as far as it is read.
package struct ClaimedEmail: Sendable {
    /// Its texts are empty where ``textsAreLeft``.
    package var email: Email
    /// Bytes of its texts and attachments.
    package var contentBytes: Int
    /// The texts are still in the database.
    package var textsAreLeft: Bool

    package init(email: Email, contentBytes: Int, textsAreLeft: Bool) {
        self.email = email
        self.contentBytes = contentBytes
        self.textsAreLeft = textsAreLeft
    }

    /// An email that was read with its texts.
    package init(_ email: Email) {
        self.init(email: email, contentBytes: email.content.byteCount, textsAreLeft: false)
    }
}

/// A row of the queue that could not be read.
package struct UnreadableEmail: Sendable, Equatable {
    package enum Consequence: Sendable, Equatable {
        /// It ended as `NOT_SENT`, which the customer sees.
        case ended
        /// Not even its state can be read. It is looked at again later.
        case postponed
    }

    /// The email's id, in hexadecimal digits where it is none.
    package var id: String
    package var reason: String
    package var consequence: Consequence
}

/// What a claim has taken out of the queue.
package struct EmailClaim: Sendable {
    package var emails: [ClaimedEmail] = []
    /// How many due emails were postponed.
    package var postponed = 0
    package var unreadable: [UnreadableEmail] = []
}

extension EmailContent {
    /// Bytes of its texts and attachments.
    package var byteCount: Int {
        attachments.reduce(text.utf8.count + (html?.utf8.count ?? 0)) { $0 + $1.size }
    }
}
