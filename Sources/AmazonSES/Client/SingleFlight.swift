import Synchronization

/// Lets those who want the same at the same time share one attempt to get it.
public final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let running = Mutex<[Key: Task<Value, Never>]>([:])

    public init() {}

    /// How many attempts are under way.
    var count: Int {
        running.withLock { $0.count }
    }

    /// The outcome of the attempt that is under way for `key`, or of a new one.
    ///
    /// - Parameter work: must bound its own time: whoever waits cannot leave early.
    public func run(_ key: Key, _ work: @escaping @Sendable () async -> Value) async -> Value {
        let task = running.withLock { running in
            if let task = running[key] { return task }
            // Unstructured, because it belongs to all who wait: when the first of them is cancelled, the others still want the outcome.
            let task = Task {
                let value = await work()
                self.running.withLock { _ = $0.removeValue(forKey: key) }
                return value
            }
            running[key] = task
            return task
        }
        return await task.value
    }
}
