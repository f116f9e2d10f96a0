import Database
import MailModel

/// The queue of an account's callbacks to one receiver: when its first delivery is due, and how the receiver has behaved.
struct ReceiverQueue {
    var id: Int64
    var accountID: Int64
    /// When there is something to claim; `nil` while there is nothing.
    var dueAt: Timestamp?
    var breaker: CallbackBreaker
    /// When something was last enqueued.
    ///
    /// Retention deletes queues by it.
    var usedAt: Timestamp

    /// How many receivers of one account are distinguished by their paths; further ones by their hosts.
    ///
    /// An account that puts ids into its paths would have a queue for each email.
    static let maximumCount = 1000

    /// Makes the queue due at `time`, unless it is due earlier; never before the end of the receiver's pause.
    mutating func markDue(at time: Timestamp) {
        let earliest = min(dueAt ?? time, time)
        dueAt = max(earliest, breaker.pausedUntil ?? earliest)
    }

    /// Makes the queue due at `time`, whenever it was due before; never before the end of the receiver's pause.
    mutating func setDue(_ time: Timestamp?) {
        dueAt = nil
        if let time { markDue(at: time) }
    }
}

/// What a transaction changes about a queue.
enum ReceiverQueueChange {
    /// A delivery is due now.
    case due
    /// An attempt succeeded, or a replay says that the next one will.
    case succeeded
    /// An attempt failed.
    case failed
    /// Read again when the first delivery is due; the queue is not due before `notBefore`, where it is given.
    case refresh(notBefore: Timestamp?)
    /// As many attempts as allowed are under way, until this time.
    case full(until: Timestamp)
}

/// The queues that a transaction uses and their changes.
///
/// Several nodes use the same queues in any order. So no row is locked while it is used: the changes are applied at the end of the
/// transaction, to the rows as they are by then, in the order of their ids. Two nodes then never wait for each other. A row may be deleted
/// by then.
struct ReceiverQueueCache {
    private var ids: [String: Int64] = [:]
    private var changes: [Int64: [ReceiverQueueChange]] = [:]

    /// The queue's id by account and target.
    subscript(key: String) -> Int64? {
        get { ids[key] }
        set { ids[key] = newValue }
    }

    mutating func change(_ id: Int64, _ change: ReceiverQueueChange) {
        changes[id, default: []].append(change)
    }

    /// Removes and returns the changes, in the order of the ids, and forgets the ids.
    mutating func drainChanges() -> [(id: Int64, changes: [ReceiverQueueChange])] {
        defer { self = ReceiverQueueCache() }
        return changes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// The columns of a queue, and how they are read.
enum ReceiverQueueRow {
    static let columns = "id, account_id, due_at, failures, paused_until, used_at"

    static func decode(_ row: any DatabaseRow) -> ReceiverQueue {
        ReceiverQueue(
            id: row.integer(0), accountID: row.integer(1), dueAt: row.timestamp(2),
            breaker: CallbackBreaker(failures: row.integer(3), pausedUntil: row.timestamp(4)), usedAt: row.requiredTimestamp(5))
    }
}
