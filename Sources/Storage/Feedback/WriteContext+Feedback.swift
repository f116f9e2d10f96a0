import Database
package import MailModel

extension ReadContext {
    /// When an email was handed to the provider; `nil` where that is not known yet.
    package func sentAt(_ id: EmailID) throws -> Timestamp? {
        try transaction.first(
            "SELECT at FROM timeline WHERE email_id = ?1 AND status = ?2 ORDER BY number LIMIT 1",
            [.id(id), .text(EmailStatus.sent.rawValue)]
        ) { $0.requiredTimestamp(0) }
    }

    /// Whether something was noted as seen.
    package func hasReceipt(_ name: String) throws -> Bool {
        if let isNew = (self as? WriteContext)?.feedback.receipts[name] { return !isNew }
        return try transaction.first("SELECT 1 FROM sns_receipts WHERE message_id = ?1", [.text(name)]) { _ in true } ?? false
    }
}

extension WriteContext {
    /// Notes an SNS message as seen.
    ///
    /// - Returns: false when it was seen before: it must change nothing then.
    package func recordReceipt(_ messageID: String) throws -> Bool {
        if let isNew = feedback.receipts[messageID] {
            feedback.receipts[messageID] = false
            // Should another node take it in at the same moment, then the key refuses one of them, whose command runs again.
            if isNew { try transaction.add([.text(messageID), .timestamp(now)], by: Self.receipts) }
            return isNew
        }
        return try transaction.execute(
            "INSERT INTO sns_receipts (message_id, received_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            [.text(messageID), .timestamp(now)]) == 1
    }

    private static let receipts = Insertion(into: "sns_receipts", ["message_id", "received_at"])

    /// Appends to an email's timeline and moves its status forward, by rank.
    ///
    /// - Parameters:
    ///   - status: the status that the event leads to; `nil` for an event that changes none.
    ///   - settles: the event proves that the provider has the email, or that it ended: no further attempt is made.
    package func recordEvent(on id: EmailID, _ entry: TimelineEntry, status: EmailStatus?, settles: Bool) throws {
        guard var email = try emailState(id) else { return }
        let before = email.status
        if let status { email.status = before.advanced(by: status) }
        email.marks = try countEvent(entry.status, at: entry.at, of: email)
        if settles { email.settle() }
        try save(email)
        try append(entry, to: id)
        try tell(email.status, after: before, entry: entry, of: id, accountID: email.accountID, callbacks: email.callbacks)
    }

    /// Keeps under which id SES knows an email.
    package func recordSESMessage(_ messageID: String, of id: EmailID) throws {
        if feedback.emailIDs[messageID] == nil { feedback.emailIDs[messageID] = id }
        feedback.unknownIDs.remove(messageID)
        try transaction.add([.text(messageID), .id(id)], by: Self.messages)
    }

    private static let messages = Insertion(into: "ses_messages", ["message_id", "email_id"], ifKeyIsNew: true)

    /// Keeps an event that belongs to no email or domain that we know, or not yet.
    ///
    /// - Parameters:
    ///   - messageID: SES's id of the email, under which the event is found again.
    ///   - kind: the event's type.
    ///   - source: the address the email came from.
    ///   - payload: the event as SES sent it.
    package func keepUnmatchedEvent(messageID: String?, kind: String, source: String?, payload: String) throws {
        if let messageID { feedback.idsWithoutEvents.remove(messageID) }
        try transaction.add(
            [.text(messageID), .text(kind), .text(source), .text(payload), .timestamp(now)], by: Self.unmatchedEvents)
    }

    private static let unmatchedEvents = Insertion(into: "unmatched_events", ["message_id", "kind", "source", "payload", "received_at"])

    /// Takes out the events that waited for an email, oldest first.
    package func takeUnmatchedEvents(messageID: String) throws -> [String] {
        if feedback.idsWithoutEvents.contains(messageID) { return [] }
        return try transaction.query(
            "DELETE FROM unmatched_events WHERE message_id = ?1 RETURNING id, payload", [.text(messageID)]
        ) { ($0.integer(0), $0.text(1)) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
