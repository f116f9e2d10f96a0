import Dispatch

/// A connection and the thread that it is used on.
///
/// Sendable, because the connection is touched by the queue's thread alone, and never by two at a time.
final class Session: @unchecked Sendable {
    private let connection: PostgresConnection
    private let queue = DispatchQueue(label: "martlet.postgres")

    init(_ settings: PostgresSettings) {
        connection = PostgresConnection(settings)
    }

    /// Runs `body` on the session's thread.
    func run<Value: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result { try body(self.connection) })
            }
        }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.connection.close()
                continuation.resume()
            }
        }
    }
}
