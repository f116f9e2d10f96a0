import Synchronization

/// Lets those who want the same at the same time share one attempt to get it.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Attempt {
        let task: Task<Value, Never>
        var callers = 0
    }

    private let running = Mutex<[Key: Attempt]>([:])

    package init() {}

    /// How many attempts are under way.
    var count: Int {
        running.withLock { $0.count }
    }

    /// How many callers wait for the attempts that are under way.
    package var callers: Int {
        running.withLock { $0.values.reduce(0) { $0 + $1.callers } }
    }

    /// The outcome of the attempt that is under way for `key`, or of a new one.
    ///
    /// - Parameter work: must bound its own time: whoever waits cannot leave early.
    package func run(_ key: Key, _ work: @escaping @Sendable () async -> Value) async -> Value {
        let task = running.withLock { running in
            // Unstructured, because it belongs to all who wait: when the first of them is cancelled, the others still want the outcome.
            let attempt =
                running[key]
                ?? Attempt(
                    task: Task {
                        let value = await work()
                        self.running.withLock { _ = $0.removeValue(forKey: key) }
                        return value
                    })
            running[key] = Attempt(task: attempt.task, callers: attempt.callers + 1)
            return attempt.task
        }
        return await task.value
    }
}
