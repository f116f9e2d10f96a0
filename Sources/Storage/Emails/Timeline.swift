import Database
package import MailModel
import Synchronization

extension ReadableTransaction {
    /// The timelines of all emails.
    package var timeline: Timeline<Self> { Timeline(tx: self) }
}

/// The timelines of emails: what happened to each, in the order of time.
///
/// Entries are only ever added.
package struct Timeline<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Timeline {
    /// Returns what happened to an email, in the order of its times.
    package func list(of email: Email) throws -> [TimelineEntry] {
        let entries = try tx.sql.query(
            "SELECT status, at, explanation, details FROM timeline WHERE email_id = ?1 ORDER BY at, number", [.id(email.id)]
        ) { row in
            TimelineEntry(
                status: row.text(0), at: row.requiredTimestamp(1), explanation: row.optionalText(2), details: row.optionalText(3))
        }
        // Every email that was not ended or scheduled at once began as QUEUED; that entry is not stored.
        let initial = entries.first.flatMap { EmailStatus(rawValue: $0.status) }
        let beganQueued = initial != .blacklisted && initial != .scheduled && initial != .incomplete
        return (beganQueued ? [TimelineEntry(.queued, at: email.createdAt)] : []) + entries
    }

    /// Returns when an email was handed to the provider; `nil` where that is not known yet.
    package func sentAt(_ id: EmailID) throws -> Timestamp? {
        try tx.sql.first(
            "SELECT at FROM timeline WHERE email_id = ?1 AND status = ?2 ORDER BY number LIMIT 1",
            [.id(id), .text(EmailStatus.sent.rawValue)]
        ) { $0.requiredTimestamp(0) }
    }

    /// Returns the details of SES's events that led to a status of an email, as they are stored in its timeline.
    package func details(of status: EmailStatus, on id: EmailID) throws -> [String] {
        try tx.sql.query(
            "SELECT details FROM timeline WHERE email_id = ?1 AND status = ?2 AND details IS NOT NULL",
            [.id(id), .text(status.rawValue)]
        ) { $0.text(0) }
    }
}

extension Timeline where Tx == Transaction {
    /// Appends to an email's timeline.
    func insert(_ entry: TimelineEntry, of id: EmailID) throws {
        try tx.sql.add(
            [
                .id(id), .integer(TimelineNumber.next(at: tx.now)), .text(entry.status), .timestamp(entry.at), .text(entry.explanation),
                .text(entry.details),
            ], by: TimelineNumber.insertion)
    }
}

/// Numbers for the entries of timelines, which put those of the same time in order: they rise, in this process by one, over all nodes by the clock.
///
/// Nothing has to be read for them. Should two nodes draw the same number for one email, of 524,288 in the same millisecond, then the primary key
/// refuses the second, and its command runs again.
private enum TimelineNumber {
    static let insertion = Insertion(into: "timeline", ["email_id", "number", "status", "at", "explanation", "details"])

    private static let last = Mutex<Int64>(0)

    static func next(at now: Timestamp) -> Int64 {
        last.withLock { last in
            let first = now.milliseconds << 20
            last = last < first ? first + .random(in: 0..<1 << 19) : last + 1
            return last
        }
    }
}
