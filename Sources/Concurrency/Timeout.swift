/// The error of ``withTimeout(_:_:)`` for an operation that took too long.
package struct TimeoutError: Error, CustomStringConvertible {
    /// The time that the operation had.
    package let limit: Duration

    /// A sentence for the log.
    package var description: String { "not finished within \(limit)" }
}

/// Runs an operation, and cancels it when it has not finished within a time of the monotonic clock.
///
/// Structured: returns or throws only when the operation has ended, also one that was cancelled. The operation therefore has to react to
/// cancellation.
///
/// - Returns: the result of the operation, also when the calling task is cancelled.
/// - Throws: what the operation throws; ``TimeoutError`` when the time passed first, whatever the operation came to afterwards.
package func withTimeout<Value: Sendable>(
    _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            let value = try await operation()
            return value
        }
        group.addTask {
            try? await Task.sleep(for: limit, clock: .continuous)
            return nil
        }
        defer { group.cancelAll() }
        if let value = try await group.next() ?? nil { return value }
        // The sleep ends by cancellation of the calling task too: then the operation knows what came of it.
        guard Task.isCancelled, let value = try await group.next() ?? nil else { throw TimeoutError(limit: limit) }
        return value
    }
}
