import Database
import MailModel
import Synchronization

extension WriteContext {
    /// Appends to an email's timeline.
    func append(_ entry: TimelineEntry, to id: EmailID) throws {
        try transaction.add(
            [
                .id(id), .integer(TimelineNumber.next(at: now)), .text(entry.status), .timestamp(entry.at), .text(entry.explanation),
                .text(entry.details),
            ], by: Self.timeline)
    }

    private static let timeline = Insertion(into: "timeline", ["email_id", "number", "status", "at", "explanation", "details"])
}

/// Numbers for the entries of timelines, which put those of the same time in order: they rise, in this process by one, over all nodes by the clock.
///
/// Nothing has to be read for them. Should two nodes draw the same number for one email, of 524,288 in the same millisecond, then the key
/// refuses the one that comes second, and its command runs again.
private enum TimelineNumber {
    private static let last = Mutex<Int64>(0)

    static func next(at now: Timestamp) -> Int64 {
        last.withLock { last in
            let first = now.milliseconds << 20
            last = last < first ? first + .random(in: 0..<1 << 19) : last + 1
            return last
        }
    }
}
