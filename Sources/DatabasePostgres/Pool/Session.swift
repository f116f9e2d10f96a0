import Dispatch
import Synchronization

/// A connection with the thread that it is used on.
final class Session: Sendable {
    /// Never contended: the queue runs one closure at a time.
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

/// The number of times that sessions of a pool were found broken: a restart or a failover of the server breaks all of them at once.
///
/// A session that began before the last break is replaced before it is used, so that not every idle session fails a call of its own, or waits
/// for a machine that does not answer.
package final class SessionBreaks: Sendable {
    private let breaks = Atomic<Int>(0)

    /// No breaks so far.
    package init() {}

    /// The number of breaks.
    package var count: Int { breaks.load(ordering: .acquiring) }

    /// Records that a session was found broken.
    ///
    /// Of the sessions that began after the same number of breaks, only the first counts: the others are replaced anyway, and must not
    /// cause newer ones to be replaced.
    ///
    /// - Parameter count: the number of breaks when the session began.
    package func record(after count: Int) {
        _ = breaks.compareExchange(expected: count, desired: count + 1, ordering: .acquiringAndReleasing)
    }
}
