import Database
package import MailModel

/// The emails that a transaction has read, each once however many commands change it.
struct EmailCache {
    /// The emails that were read for changing, as this transaction has changed them.
    ///
    /// Their rows are locked.
    var states: [EmailID: EmailState] = [:]
    /// The tags of emails, as far as they were read.
    var tags: [EmailID: [String]] = [:]
    /// The emails that the transaction has inserted, until they are known to be found: see ``Emails/recordLate()``.
    var inserted: [EmailID] = []
    /// The emails that are in no segment yet by their recipients, newest first; `nil` until they were read.
    var tail: [String: [EmailID]]?

    mutating func add(_ emails: [EmailState]) {
        for email in emails { states[email.id] = email }
    }
}

/// The part of an email that changes, and what has to be known of the email for that.
package struct EmailState: Sendable, Equatable {
    /// The email's id.
    package var id: EmailID
    /// The account that it belongs to.
    package var accountID: Int64
    /// The domain that was charged for it, if one was.
    package var domainID: Int64?
    /// The address that it is sent from.
    package var sender: EmailAddress
    /// The address that it is sent to.
    package var recipient: EmailAddress
    /// Its present status.
    package var status: EmailStatus
    /// When it was accepted.
    package var createdAt: Timestamp
    /// The campaign that it belongs to, as the customer named it.
    var externalID: String?
    /// Its own callback URLs.
    var callbacks: [String]
    /// Which of its events reports have counted.
    var marks: ReportMarks
    /// How often it was handed to the provider.
    var attempts: Int64
    /// When there is something to do; `nil` for nothing.
    var dueAt: Timestamp?
    /// What is to be done then.
    var work: Work?
    /// The node that has it under way.
    var leaseOwner: String?
    /// Bytes of its texts and attachments; `nil` where an earlier version stored it.
    package var contentBytes: Int64?

    /// What determines how it leaves.
    package var origin: SendingOrigin { SendingOrigin(sender: sender, accountID: accountID, domainID: domainID) }

    /// Releases the email, to be claimed by any node at the given time.
    mutating func wait(for work: Work, until time: Timestamp) {
        (dueAt, self.work, leaseOwner) = (time, work, nil)
    }

    /// Takes the email out of the queue.
    mutating func settle() {
        (dueAt, work, leaseOwner) = (nil, nil, nil)
    }
}

/// What is to be done with an email in the queue once its `due_at` has come.
///
/// `due_at` is the queue's only clock: a claim moves it to the end of its lease, so that the emails of a dead node fall due again by themselves.
enum Work: String {
    /// To be handed to the provider.
    case ready
    /// An attempt was recorded and is under way. Found due, its node has died during it.
    case attempt
    /// An attempt ended without an answer. Found due, no event of the provider has settled it in time.
    case unknown
}

/// The part of an email's row that changes.
enum EmailStateRow {
    static let columns = """
        id, account_id, domain_id, sender, recipient, status, created_at, external_id, callbacks, reported, attempts, due_at, work, lease_owner, \
        content_bytes
        """

    static func decode(_ row: any DatabaseRow) throws -> EmailState {
        EmailState(
            id: try row.emailID(0), accountID: row.integer(1), domainID: EmailRow.domainID(row.integer(2)),
            sender: EmailAddress(validated: row.text(3)), recipient: EmailAddress(validated: row.text(4)), status: try row.choice(5),
            createdAt: row.requiredTimestamp(6), externalID: row.optionalText(7), callbacks: EmailRow.callbacks(row.optionalText(8)),
            marks: ReportMarks(rawValue: row.integer(9)), attempts: row.integer(10),
            dueAt: row.timestamp(11), work: row.isNull(12) ? nil : try row.choice(12), leaseOwner: row.optionalText(13),
            contentBytes: row.optionalInteger(14))
    }

    /// All columns that may change.
    ///
    /// One update serves every change: the last one of a transaction holds, and emails with equal values share a statement.
    static let update = Update(
        of: "emails", by: "id", ["status", "reported", "attempts", "due_at", "work", "lease_owner", "updated_at"])

    static func values(_ email: EmailState, updatedAt now: Timestamp) -> [DatabaseValue] {
        [
            .text(email.status.rawValue), .integer(email.marks.rawValue), .integer(email.attempts),
            .timestamp(email.dueAt), .text(email.work?.rawValue), .text(email.leaseOwner), .timestamp(now),
        ]
    }
}
