import Synchronization

/// Shares one attempt among concurrent callers with the same key.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Attempt {
        let task: Task<Value, Never>
        var callers = 0
    }

    private let running = Mutex<[Key: Attempt]>([:])

    /// Creates an instance without attempts.
    package init() {}

    /// How many attempts are under way.
    package var count: Int {
        running.withLock { $0.count }
    }

    /// How many callers wait for the attempts that are under way.
    package var callers: Int {
        running.withLock { $0.values.reduce(0) { $0 + $1.callers } }
    }

    /// Returns the result of the attempt that is under way for `key`, or of a new one.
    ///
    /// - Parameter work: has to limit its own time, as a caller that waits cannot be cancelled.
    package func run(_ key: Key, _ work: @escaping @Sendable () async -> Value) async -> Value {
        let task = running.withLock { running in
            // Unstructured, because the attempt belongs to all callers: it must not end when the first of them is cancelled.
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
