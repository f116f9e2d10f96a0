import Encoding
package import MailModel

/// How a node claims emails of the queue.
package struct EmailClaimRules: Sendable {
    /// The size of the content, in bytes, up to which the claim itself reads it.
    ///
    /// Larger content is read when there is memory for it, and so are the texts of templates, which are filled in outside of the claim: see
    /// ``Emails/completed(_:)``.
    package static let largestContentRead = 128 << 10

    /// The node that claims.
    package var owner: String
    /// How long the claim holds.
    package var lease: Duration
    /// How long the provider's own events have to settle an attempt whose node died.
    package var grace: Duration
    /// The most emails that are claimed.
    package var limit: Int
    /// The most due emails that are read: more than ``limit`` where some of them are likely to be postponed.
    package var lookAt: Int

    /// Creates rules.
    ///
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
    /// It is claimed.
    case claim
    /// It is due again after this time. No attempt is counted, and its timeline gets no entry.
    case postpone(Duration)
}

/// What a claim has taken out of the queue.
package struct EmailClaim: Sendable {
    /// The claimed emails, in the order in which they fell due.
    package var emails: [ClaimedEmail] = []
    /// How many due emails were postponed.
    package var postponed = 0
    /// The due emails that could not be read.
    package var unreadable: [UnreadableEmail] = []
}

/// A claimed email, with as much of its content as the claim read.
package struct ClaimedEmail: Sendable {
    /// The email.
    ///
    /// Its texts are empty where ``textsAreLeft``.
    package var email: Email
    /// Bytes of its texts and attachments.
    package var contentBytes: Int
    /// Whether the texts are still to be read.
    package var textsAreLeft: Bool

    /// An email whose texts may be still to be read.
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
    /// What was done with the row.
    package enum Consequence: Sendable, Equatable {
        /// It ended as `NOT_SENT`, which the customer sees.
        case ended
        /// Not even its state can be read. It is due again later.
        case postponed
    }

    /// The email's id; the key in hexadecimal digits where that is no id.
    package var id: String
    /// Why it could not be read.
    package var reason: String
    /// What was done with it.
    package var consequence: Consequence
}

extension UnreadableEmail {
    /// How long a row is postponed whose state cannot be read: a newer version may have written it, or an operator may repair it.
    static let delay: Duration = .seconds(3600)

    /// The ``id`` of a row with this key.
    static func id(of key: [UInt8]) -> String {
        EmailID(bytes: key)?.description ?? Hexadecimal.encode(key)
    }
}

extension EmailContent {
    /// Bytes of its texts and attachments; of the template's texts where those are larger.
    package var byteCount: Int {
        attachments.reduce(max(text.utf8.count + (html?.utf8.count ?? 0), templateBytes ?? 0)) { $0 + $1.size }
    }
}
