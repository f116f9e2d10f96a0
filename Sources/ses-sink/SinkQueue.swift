import Synchronization

/// A queue in memory as SQS keeps one: a message that was received is hidden for a while, and comes again unless it is deleted.
final class SinkQueue: Sendable {
    struct Message: Sendable {
        var id: Int
        var body: String
        var receives = 0
        /// In milliseconds since 1970.
        var sentAt: Int64
    }

    private struct State {
        var nextID = 1
        var nextHandle = 1
        var waiting: [Message] = []
        /// How many of `waiting` were taken.
        var taken = 0
        var hidden: [Int: (message: Message, until: ContinuousClock.Instant)] = [:]
        var deleted = 0
    }

    private static let visibility = Duration.seconds(30)

    private let state = Mutex(State())

    /// Adds messages, one of each body.
    func add(_ bodies: some Sequence<String>, at time: Int64) {
        state.withLock { state in
            for body in bodies {
                state.waiting.append(Message(id: state.nextID, body: body, sentAt: time))
                state.nextID += 1
            }
        }
    }

    /// Returns up to `limit` messages with their handles.
    func receive(_ limit: Int) -> [(handle: Int, message: Message)] {
        let now = ContinuousClock.now
        return state.withLock { state in
            if state.taken == state.waiting.count { Self.revive(&state, now) }
            let batch = state.waiting[state.taken...].prefix(limit)
            state.taken += batch.count
            if state.taken == state.waiting.count { (state.waiting, state.taken) = ([], 0) }
            return batch.map { message in
                var message = message
                message.receives += 1
                let handle = state.nextHandle
                state.nextHandle += 1
                state.hidden[handle] = (message, now + Self.visibility)
                return (handle, message)
            }
        }
    }

    private static func revive(_ state: inout State, _ now: ContinuousClock.Instant) {
        let due = state.hidden.filter { $0.value.until <= now }
        for (handle, hidden) in due {
            state.hidden[handle] = nil
            state.waiting.append(hidden.message)
        }
    }

    func delete(_ handle: Int) {
        state.withLock { state in
            if state.hidden.removeValue(forKey: handle) != nil { state.deleted += 1 }
        }
    }

    func hide(_ handle: Int, seconds: Int) {
        let until = ContinuousClock.now + .seconds(seconds)
        state.withLock { $0.hidden[handle]?.until = until }
    }

    /// How many messages wait, are hidden, and were deleted.
    var counts: (waiting: Int, hidden: Int, deleted: Int) {
        state.withLock { ($0.waiting.count - $0.taken, $0.hidden.count, $0.deleted) }
    }
}
