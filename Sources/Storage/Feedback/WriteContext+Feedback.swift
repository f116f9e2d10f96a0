import Database
public import MailModel

extension ReadContext {
    /// Whether something was noted as seen.
    public func hasReceipt(_ name: String) throws -> Bool {
        try transaction.first("SELECT 1 FROM sns_receipts WHERE message_id = ?1", [.text(name)]) { _ in true } ?? false
    }
}

extension WriteContext {
    /// Notes an SNS message as seen.
    ///
    /// - Returns: false when it was seen before: it must change nothing then.
    public func recordReceipt(_ messageID: String) throws -> Bool {
        try transaction.execute(
            "INSERT INTO sns_receipts (message_id, received_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            [.text(messageID), .timestamp(now)]) == 1
    }

    /// What a change of an email has to know of it, which this transaction may then change.
    public func emailState(_ id: EmailID) throws -> EmailState? {
        try transaction.first(
            "SELECT account_id, domain_id, sender, recipient, status, created_at FROM emails WHERE id = ?1\(transaction.dialect.forUpdate)",
            [.id(id)]
        ) { row in
            EmailState(
                id: id, accountID: row.integer(0), domainID: EmailRow.domainID(row.integer(1)),
                sender: EmailAddress(validated: row.text(2)),
                recipient: EmailAddress(validated: row.text(3)), status: try row.choice(4), createdAt: row.requiredTimestamp(5))
        }
    }

    /// Appends to an email's timeline and moves its status forward, by rank.
    ///
    /// - Parameters:
    ///   - status: the status that the event leads to; `nil` for an event that changes none.
    ///   - settles: the event proves that the provider has the email, or that it ended: no further attempt is made.
    public func recordEvent(on id: EmailID, _ entry: TimelineEntry, status: EmailStatus?, settles: Bool) throws {
        try append(entry, to: id)
        let state = try transaction.first(
            """
            SELECT status, account_id, callbacks, domain_id, sender, external_id, created_at, reported
            FROM emails WHERE id = ?1\(transaction.dialect.forUpdate)
            """, [.id(id)]
        ) { row -> (status: EmailStatus, callbacks: String?, email: ReportedEmail) in
            let email = ReportedEmail(
                id: id, accountID: row.integer(1), domainID: row.integer(3), sender: row.text(4), externalID: row.optionalText(5),
                createdAt: row.requiredTimestamp(6), marks: ReportMarks(rawValue: row.integer(7)))
            return (try row.choice(0), row.optionalText(2), email)
        }
        guard let state else { return }
        let before = state.status
        let after = status.map(before.advanced(by:)) ?? before
        let marks = try countEvent(entry.status, at: entry.at, of: state.email)
        let settlement = settles ? ", due_at = NULL, lease_owner = NULL, work = NULL" : ""
        try transaction.execute(
            "UPDATE emails SET status = ?2, updated_at = ?3, reported = ?4\(settlement) WHERE id = ?1",
            [.id(id), .text(after.rawValue), .timestamp(now), .integer(marks.rawValue)])
        try tell(
            after, after: before, entry: entry, of: id, accountID: state.email.accountID, callbacks: EmailRow.callbacks(state.callbacks))
    }

    /// Keeps under which id SES knows an email.
    public func recordSESMessage(_ messageID: String, of id: EmailID) throws {
        try transaction.execute(
            "INSERT INTO ses_messages (message_id, email_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING", [.text(messageID), .id(id)])
    }

    /// Keeps an event that belongs to no email or domain that we know, or not yet.
    ///
    /// - Parameters:
    ///   - messageID: SES's id of the email, under which the event is found again.
    ///   - kind: the event's type.
    ///   - source: the address the email came from.
    ///   - payload: the event as SES sent it.
    public func keepUnmatchedEvent(messageID: String?, kind: String, source: String?, payload: String) throws {
        try transaction.execute(
            "INSERT INTO unmatched_events (message_id, kind, source, payload, received_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            [.text(messageID), .text(kind), .text(source), .text(payload), .timestamp(now)])
    }

    /// Takes out the events that waited for an email, oldest first.
    public func takeUnmatchedEvents(messageID: String) throws -> [String] {
        try transaction.query(
            "DELETE FROM unmatched_events WHERE message_id = ?1 RETURNING id, payload", [.text(messageID)]
        ) { ($0.integer(0), $0.text(1)) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

/// What a change of an email has to know of it.
public struct EmailState: Sendable, Equatable {
    public var id: EmailID
    public var accountID: Int64
    /// The domain that was charged for it, if one was.
    public var domainID: Int64?
    public var sender: EmailAddress
    public var recipient: EmailAddress
    public var status: EmailStatus
    public var createdAt: Timestamp
}
