import Database
import MailModel

/// What is known of SES's messages and SNS's, looked up for a whole batch before its first command.
struct FeedbackCache {
    /// The emails that SES knows by these ids.
    var emailIDs: [String: EmailID] = [:]
    /// SES's ids under which no email is known. They are locked: none becomes known before the transaction ends, other than by this one.
    var unknownIDs: Set<String> = []
    /// SES's ids of emails for which no event waits.
    var idsWithoutEvents: Set<String> = []
    /// The SNS messages that are taken in, and whether they are new.
    var receipts: [String: Bool] = [:]
}

extension WriteContext {
    /// Locks SES's ids of messages and finds out which emails they stand for.
    ///
    /// An event and the record of the id that it is about may come to two nodes at the same moment. Neither sees what the other has not committed: the
    /// event would be kept for an email that is not known yet, and the node that records the id would find no event that waits. So both take the
    /// lock of the id first, in the statement that they need anyway, and who comes second reads what the first has left.
    ///
    /// - Parameter events: ids of events. One that was not found may have become known while its lock was waited for, and is asked for again.
    func lockMessages(_ ids: Set<String>, askingAgainFor events: Set<String>) throws {
        guard !ids.isEmpty else { return }
        let locks = ids.map(Self.lockKey).sorted()
        var values = ParameterList()
        let found = try transaction.query(
            """
            SELECT message_id, email_id FROM ses_messages WHERE message_id IN (\(values.add(ids.map { .text($0) })))
            UNION ALL SELECT pg_advisory_xact_lock(lock.key)::TEXT, NULL
            FROM unnest(ARRAY[\(values.add(locks.map { .integer($0) }))]::BIGINT[]) AS lock (key)
            """, values.values
        ) { row in row.isNull(1) ? nil : (row.text(0), try row.emailID(1)) }
        feedback.emailIDs = Dictionary(found.compactMap(\.self), uniquingKeysWith: { first, _ in first })
        let unknown = events.subtracting(feedback.emailIDs.keys)
        guard !unknown.isEmpty else { return }
        var again = ParameterList()
        let late = try transaction.query(
            "SELECT message_id, email_id FROM ses_messages WHERE message_id IN (\(again.add(unknown.map { .text($0) })))", again.values
        ) { ($0.text(0), try $0.emailID(1)) }
        feedback.emailIDs.merge(late) { first, _ in first }
        feedback.unknownIDs = unknown.subtracting(late.map(\.0))
    }

    /// The key of an advisory lock, the same on every node: FNV-1a over a name of our own and the id. Two ids with the same key wait for each other, that is all.
    private static func lockKey(_ id: String) -> Int64 {
        let hash = "ses-message \(id)".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Int64(bitPattern: hash)
    }

    func lookUpWaitingEvents(of ids: Set<String>) throws {
        guard !ids.isEmpty else { return }
        let found = try transaction.query(
            over: ids.map { .text($0) }, { "SELECT message_id FROM unmatched_events WHERE message_id IN (\($0))" }
        ) { $0.text(0) }
        feedback.idsWithoutEvents = ids.subtracting(found)
    }

    func lookUpReceipts(_ ids: Set<String>) throws {
        guard !ids.isEmpty else { return }
        let found = try transaction.query(
            over: ids.map { .text($0) }, { "SELECT message_id FROM sns_receipts WHERE message_id IN (\($0))" }
        ) {
            $0.text(0)
        }
        let known = Set(found)
        for id in ids { feedback.receipts[id] = !known.contains(id) }
    }
}
