import Database
package import MailModel

extension ReadableTransaction {
    /// The events of SES that belong to no known email.
    package var unmatchedEvents: UnmatchedEvents<Self> { UnmatchedEvents(tx: self) }
}

/// The events of SES that belong to no known email: they wait for the record of SES's id of it, or belong to none at all
/// (specification 4.6).
///
/// An event is stored with its ``EventEffect``, which is applied in the transaction that records the id. One without a readable effect, stored by
/// another version of this program, is marked as unread then; module Feedback reads it from its JSON and applies it.
///
/// A batch reads once, before its first command, for which of its message ids events wait: see ``FeedbackCache``.
package struct UnmatchedEvents<Tx: ReadableTransaction> {
    let tx: Tx
}

/// An event of SES that belongs to no known email.
package struct UnmatchedEvent: Sendable, Equatable {
    /// The id, which grows.
    package var id: Int64
    /// SES's id of the email; `nil` when the event has none.
    package var messageID: String?
    /// The event's type.
    package var kind: String
    /// The address that the email came from; `nil` when it is unknown.
    package var source: String?
    /// The event's JSON as SES sent it.
    package var payload: String
    /// When it was taken in.
    package var receivedAt: Timestamp
    /// What it does to its email; `nil` where that has to be read from the payload.
    package var effect: EventEffect?
    /// Why it is kept where it is no event: a sentence.
    package var reason: String?
}

extension UnmatchedEvents {
    /// Returns events, the last first.
    ///
    /// - Parameters:
    ///   - after: the id of the event that the page begins behind.
    ///   - limit: the largest number of events returned.
    package func list(after: Int64? = nil, limit: Int) throws -> [UnmatchedEvent] {
        try tx.sql.query(
            """
            SELECT id, message_id, kind, source, payload, received_at, effect, reason FROM unmatched_events
            WHERE id < ?1 ORDER BY id DESC LIMIT ?2
            """, [.integer(after ?? .max), .integer(limit)], UnmatchedEventRow.decode)
    }

    /// Returns SES's ids of emails that are known, but have unread events.
    ///
    /// - Parameter limit: the largest number of ids returned.
    package func listUnread(limit: Int) throws -> [String] {
        try tx.sql.query(
            "SELECT DISTINCT message_id FROM unmatched_events WHERE effect = '' ORDER BY message_id LIMIT ?1", [.integer(limit)]
        ) { $0.text(0) }
    }
}

extension UnmatchedEvents where Tx == Transaction {
    /// Stores an event.
    ///
    /// - Parameters:
    ///   - messageID: SES's id of the email, by which ``apply(messageID:to:)`` finds the event; `nil` when it has none.
    ///   - kind: the event's type.
    ///   - source: the address that the email came from; `nil` when it is unknown.
    ///   - payload: the event's JSON as SES sent it.
    ///   - effect: what the event does to its email; `nil` where it waits for none.
    ///   - reason: why it is kept, where it is no event: a sentence.
    package func insert(
        messageID: String?, kind: String, source: String?, payload: String, effect: EventEffect? = nil, reason: String? = nil
    ) throws {
        if let messageID { tx.feedbackCache.idsWithoutEvents.remove(messageID) }
        try tx.sql.add(
            [.text(messageID), .text(kind), .text(source), .text(payload), .timestamp(tx.now), .text(effect?.stored), .text(reason)],
            by: UnmatchedEventRow.insertion)
    }

    /// Applies the events that wait for an email, oldest first, and deletes them.
    ///
    /// Those without a readable effect are marked as unread.
    ///
    /// To be called in the transaction that records SES's id of the email, after that.
    package func apply(messageID: String, to id: EmailID) throws {
        for event in try drain(messageID: messageID) {
            if let effect = event.effect {
                try tx.emails.apply(effect, to: id)
            } else {
                try insertUnread(event)
            }
        }
    }

    /// Deletes the events that wait for an email and returns them, oldest first.
    package func drain(messageID: String) throws -> [UnmatchedEvent] {
        if tx.feedbackCache.idsWithoutEvents.contains(messageID) { return [] }
        return try drain(where: "message_id = ?1", messageID)
    }

    /// Deletes the unread events of an email and returns them, oldest first.
    package func drainUnread(messageID: String) throws -> [UnmatchedEvent] {
        try drain(where: "message_id = ?1 AND effect = ''", messageID)
    }

    private func drain(where condition: String, _ messageID: String) throws -> [UnmatchedEvent] {
        try tx.sql.query(
            "DELETE FROM unmatched_events WHERE \(condition) RETURNING id, message_id, kind, source, payload, received_at, effect, reason",
            [.text(messageID)], UnmatchedEventRow.decode
        ).sorted { $0.id < $1.id }
    }

    private func insertUnread(_ event: UnmatchedEvent) throws {
        try tx.sql.add(
            [
                .text(event.messageID), .text(event.kind), .text(event.source), .text(event.payload), .timestamp(event.receivedAt),
                .text(UnmatchedEventRow.unread), .text(nil),
            ], by: UnmatchedEventRow.insertion)
    }

    /// Reads for which of a batch's message ids events wait.
    ///
    /// The ids have to be locked by ``SESMessages/lock(_:askingAgainFor:)``.
    func prefetch(of ids: Set<String>) throws {
        guard !ids.isEmpty else { return }
        let found = try tx.sql.query(
            over: ids.map { .text($0) }, { "SELECT message_id FROM unmatched_events WHERE message_id IN (\($0))" }
        ) { $0.text(0) }
        tx.feedbackCache.idsWithoutEvents = ids.subtracting(found)
    }

    /// Deletes events that came before a time, the oldest first.
    ///
    /// - Parameter limit: the largest number of rows deleted.
    /// - Returns: the number of rows deleted.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            """
            DELETE FROM unmatched_events WHERE received_at < ?1 AND id IN (
                SELECT id FROM unmatched_events WHERE received_at < ?1 ORDER BY id LIMIT ?2)
            """, [.timestamp(time), .integer(limit)])
    }
}

/// The row of an event.
private enum UnmatchedEventRow {
    /// The `effect` of an event whose email is known and that is still to be read from its payload.
    ///
    /// `NULL`: the email is not known.
    static let unread = ""

    static let insertion = Insertion(
        into: "unmatched_events", ["message_id", "kind", "source", "payload", "received_at", "effect", "reason"])

    /// Reads all columns.
    static func decode(_ row: any DatabaseRow) -> UnmatchedEvent {
        UnmatchedEvent(
            id: row.integer(0), messageID: row.optionalText(1), kind: row.text(2), source: row.optionalText(3), payload: row.text(4),
            receivedAt: row.requiredTimestamp(5), effect: row.optionalText(6).flatMap(EventEffect.init(stored:)),
            reason: row.optionalText(7))
    }
}
