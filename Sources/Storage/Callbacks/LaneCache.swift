import MailModel

/// A receiver as one account calls it: what waits for it, and how it has behaved.
struct CallbackLane {
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

/// The lanes that a transaction has read, written once however many deliveries use them.
struct LaneCache {
    private var lanes: [Int64: CallbackLane] = [:]
    private var changed: Set<Int64> = []
    private var ids: [String: Int64] = [:]

    subscript(id: Int64) -> CallbackLane? { lanes[id] }

    /// - Parameter key: account and target.
    subscript(key key: String) -> CallbackLane? { ids[key].flatMap { lanes[$0] } }

    mutating func add(_ lane: CallbackLane, key: String? = nil) {
        lanes[lane.id] = lane
        if let key { ids[key] = lane.id }
    }

    mutating func change(_ lane: CallbackLane) {
        lanes[lane.id] = lane
        changed.insert(lane.id)
    }

    /// The changed lanes in the order of their ids: two nodes then never wait for each other.
    mutating func takeChanged() -> [CallbackLane] {
        defer { changed = [] }
        return changed.sorted().compactMap { lanes[$0] }
    }
}
