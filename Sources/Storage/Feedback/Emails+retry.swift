import Database
import JSON
import MailModel

extension Emails where Tx == Transaction {
    /// Puts an email that came back by a soft bounce into the queue again, where the rules allow it (specification 6.3).
    ///
    /// No message is sent beside one that may still be delivered: each message of the provider causes one retry at most, and after an attempt with an
    /// unknown outcome, of which there may be a message that nobody knows, there is none. An event that says that an earlier message has reached its
    /// recipient takes the email out of the queue like any other event.
    ///
    /// - Parameter id: that of an email that nothing is under way for.
    func retry(_ id: EmailID, by rule: EventEffect.Retry) throws {
        guard var email = try findForUpdate(id), email.status == .bounced, email.dueAt == nil else { return }
        let history = try RetryHistory(of: id, tx)
        guard history.allowsRetry(of: rule.messageID, limit: rule.limit) else { return }
        var generator = SystemRandomNumberGenerator()
        let next = rule.schedule.nextAttempt(
            afterFailures: history.retries.count + 1, acceptedAt: history.firstAttempt ?? email.createdAt, now: tx.now, using: &generator)
        guard let next else { return }
        email.wait(for: .ready, until: next)
        try update(email)
        let entry = TimelineEntry(
            .queued, at: tx.now,
            explanation: "It is sent again after the soft bounce: retry \(history.retries.count + 1) of at most \(rule.limit).",
            details: RetryHistory.details(ofRetryAfter: rule.messageID))
        try tx.timeline.insert(entry, of: id)
    }
}

/// What the timeline of an email says about its attempts.
private struct RetryHistory {
    /// The provider's ids of the messages whose soft bounces have led to a retry.
    private(set) var retries: Set<String> = []
    /// When it was first handed to the provider.
    private(set) var firstAttempt: Timestamp?
    private var hasUnknownOutcome = false

    init(of id: EmailID, _ tx: Transaction) throws {
        let entries = try tx.sql.query(
            "SELECT status, at, details FROM timeline WHERE email_id = ?1 AND status IN ('QUEUED', 'DEQUEUED') ORDER BY at, number",
            [.id(id)]
        ) { (status: $0.text(0), at: $0.requiredTimestamp(1), details: $0.optionalText(2)) }
        for entry in entries {
            if entry.status == EmailStatus.dequeued.rawValue {
                firstAttempt = firstAttempt ?? entry.at
                hasUnknownOutcome = hasUnknownOutcome || entry.details == EmailQueue<Transaction>.unknownOutcome
            } else if let messageID = entry.details.flatMap(Self.messageID) {
                retries.insert(messageID)
            }
        }
    }

    func allowsRetry(of messageID: String, limit: Int) -> Bool {
        !hasUnknownOutcome && retries.count < limit && !retries.contains(messageID)
    }

    static func details(ofRetryAfter messageID: String) -> String {
        var writer = JSONWriter()
        writer.object { $0.member("retryOf", messageID) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func messageID(in details: String) -> String? {
        (try? JSONValue.parse(details.utf8))?.objectValue?["retryOf"]?.stringValue
    }
}
