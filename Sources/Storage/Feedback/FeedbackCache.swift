import Database
import MailModel

/// What is known of SES's messages and SNS's, looked up for a whole batch before its first command.
struct FeedbackCache {
    /// The emails that SES knows by these ids.
    var emailIDs: [String: EmailID] = [:]
    /// SES's ids of emails for which no event waits.
    var idsWithoutEvents: Set<String> = []
    /// The SNS messages that are taken in, and whether they are new.
    var receipts: [String: Bool] = [:]
}

extension WriteContext {
    /// Finds out which emails SES means.
    ///
    /// - Returns: the emails. An id that is not found may still become known while the batch waits for its locks, and is asked for again.
    func lookUpMessages(_ ids: Set<String>) throws -> Set<EmailID> {
        guard !ids.isEmpty else { return [] }
        let found = try transaction.query(
            over: ids.map { .text($0) }, { "SELECT message_id, email_id FROM ses_messages WHERE message_id IN (\($0))" }
        ) { ($0.text(0), try $0.emailID(1)) }
        feedback.emailIDs = Dictionary(found, uniquingKeysWith: { first, _ in first })
        return Set(feedback.emailIDs.values)
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
