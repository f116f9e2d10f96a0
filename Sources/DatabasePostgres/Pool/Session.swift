import Dispatch
import Synchronization

/// A connection and the thread that it is used on.
final class Session: Sendable {
    /// Nobody waits for it: the queue lets one in at a time.
    private let connection: Mutex<PostgresConnection>
    private let queue = DispatchQueue(label: "martlet.postgres")

    init(_ settings: PostgresSettings, breaks: SessionBreaks) {
        connection = Mutex(PostgresConnection(settings, breaks: breaks))
    }

    /// Runs `body` on the session's thread.
    func run<Value: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result { try self.connection.withLock { try body($0) } })
            }
        }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.connection.withLock { $0.close() }
                continuation.resume()
            }
        }
    }
}
