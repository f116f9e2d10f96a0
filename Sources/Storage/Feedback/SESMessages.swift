import Database
package import MailModel

extension ReadableTransaction {
    /// The ids by which SES knows emails.
    package var sesMessages: SESMessages<Self> { SESMessages(tx: self) }
}

/// SES's message ids, each with the email that it stands for.
///
/// A batch locks and reads the ids that its commands name before the first of them: see ``FeedbackCache``.
package struct SESMessages<Tx: ReadableTransaction> {
    let tx: Tx
}

extension SESMessages {
    /// Returns the email that SES knows by an id; `nil` when there is none, or the id is not recorded yet.
    package func find(_ messageID: String) throws -> EmailID? {
        if let cache = tx.writing?.feedbackCache {
            if let known = cache.emailIDs[messageID] { return known }
            if cache.unknownIDs.contains(messageID) { return nil }
        }
        return try tx.sql.first("SELECT email_id FROM ses_messages WHERE message_id = ?1", [.text(messageID)]) { try $0.emailID(0) }
    }
}

extension SESMessages where Tx == Transaction {
    /// Records the id by which SES knows an email.
    ///
    /// An id that is recorded already keeps its email.
    package func insert(_ messageID: String, of id: EmailID) throws {
        tx.feedbackCache.add(messageID, of: id)
        try tx.sql.add([.text(messageID), .id(id)], by: SESMessageRow.insertion)
    }

    /// Locks message ids until the end of the transaction and reads the emails that they stand for.
    ///
    /// An event and the record of the id that it is about may come to two nodes at the same moment. Neither sees what the other has not
    /// committed: the event would be kept for an email that is not known yet, and the node that records the id would find no waiting event.
    /// So both take the lock of the id first, in the statement that they need anyway, and the second reads what the first has committed.
    ///
    /// - Parameter events: the ids that events are about. One that is not found may have been recorded while its lock was awaited, and is
    ///   looked up again.
    func lock(_ ids: Set<String>, askingAgainFor events: Set<String>) throws {
        guard !ids.isEmpty else { return }
        let locks = ids.map(SESMessageRow.lockKey).sorted()
        var values = ParameterList()
        let rows = try tx.sql.query(
            """
            SELECT message_id, email_id FROM ses_messages WHERE message_id IN (\(values.add(ids.map { .text($0) })))
            UNION ALL SELECT pg_advisory_xact_lock(lock.key)::TEXT, NULL
            FROM unnest(ARRAY[\(values.add(locks.map { .integer($0) }))]::BIGINT[]) AS lock (key)
            """, values.values
        ) { row in row.isNull(1) ? nil : (row.text(0), try row.emailID(1)) }
        var found = Dictionary(rows.compactMap(\.self), uniquingKeysWith: { first, _ in first })
        let missing = events.subtracting(found.keys)
        found.merge(try findAgain(missing)) { first, _ in first }
        tx.feedbackCache.store(found, unknown: missing.subtracting(found.keys))
    }

    private func findAgain(_ ids: Set<String>) throws -> [(String, EmailID)] {
        guard !ids.isEmpty else { return [] }
        var values = ParameterList()
        return try tx.sql.query(
            "SELECT message_id, email_id FROM ses_messages WHERE message_id IN (\(values.add(ids.map { .text($0) })))", values.values
        ) { ($0.text(0), try $0.emailID(1)) }
    }
}

/// The row of a message id.
private enum SESMessageRow {
    static let insertion = Insertion(into: "ses_messages", ["message_id", "email_id"], ifKeyIsNew: true)

    /// The key of the advisory lock of an id.
    static func lockKey(_ id: String) -> Int64 {
        AdvisoryLock.key(of: "ses-message \(id)")
    }
}

/// What a transaction knows of SES's message ids and of SNS messages, read for its whole batch before the first command.
struct FeedbackCache {
    /// The emails by SES's ids of them.
    private(set) var emailIDs: [String: EmailID] = [:]
    /// SES's ids of no known email.
    ///
    /// They are locked: until the transaction ends, only the transaction itself can record them.
    private(set) var unknownIDs: Set<String> = []
    /// SES's ids for which no event waits.
    var idsWithoutEvents: Set<String> = []
    /// The receipts that were looked up, and whether they are new.
    var receipts: [String: Bool] = [:]

    /// Stores the result of a lookup.
    ///
    /// - Parameter unknown: the ids that were found to be of no known email.
    mutating func store(_ found: [String: EmailID], unknown: Set<String>) {
        (emailIDs, unknownIDs) = (found, unknown)
    }

    /// Adds an id that this transaction records.
    ///
    /// The first email recorded with an id keeps it.
    mutating func add(_ messageID: String, of id: EmailID) {
        if emailIDs[messageID] == nil { emailIDs[messageID] = id }
        unknownIDs.remove(messageID)
    }
}
