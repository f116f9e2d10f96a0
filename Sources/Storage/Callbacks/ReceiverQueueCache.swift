import MailModel

/// A receiver as one account calls it: what waits for it, and how it has behaved.
struct ReceiverQueue {
    var id: Int64
    var accountID: Int64
    var dueAt: Timestamp?
    var breaker: CallbackBreaker
    var usedAt: Timestamp

    /// Something is to be tried at `time`, or after the rest.
    mutating func isDue(at time: Timestamp) {
        let earliest = min(dueAt ?? time, time)
        dueAt = max(earliest, breaker.pausedUntil ?? earliest)
    }

    /// Only what is known now is waited for.
    mutating func setDue(_ time: Timestamp?) {
        dueAt = nil
        if let time { isDue(at: time) }
    }
}

/// What a transaction does to a lane.
enum ReceiverQueueChange {
    /// Something is to be tried now.
    case due
    /// An attempt was answered as it should be, or somebody says that the next one will be.
    case succeeded
    case failed
    /// What is due next is to be looked up; not before that time, where one is given.
    case look(notBefore: Timestamp?)
    /// As many attempts are under way as may be, until then.
    case full(until: Timestamp)
}

/// The lanes that a transaction uses and what it does to them.
///
/// Several nodes use the same lanes in any order. So nothing is locked while it is used: the changes are applied at the end of the
/// transaction, to the rows as they are by then, in the order of their ids. Two nodes then never wait for each other. A lane may be gone by then.
struct ReceiverQueueCache {
    private var ids: [String: Int64] = [:]
    private var changes: [Int64: [ReceiverQueueChange]] = [:]

    /// The lane's id by account and target.
    subscript(key: String) -> Int64? {
        get { ids[key] }
        set { ids[key] = newValue }
    }

    mutating func change(_ id: Int64, _ change: ReceiverQueueChange) {
        changes[id, default: []].append(change)
    }

    /// The changes, which from then on count as made. In the order of the ids.
    mutating func takeChanges() -> [(id: Int64, changes: [ReceiverQueueChange])] {
        defer { self = ReceiverQueueCache() }
        return changes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
