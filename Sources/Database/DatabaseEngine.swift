/// A relational database: SQLite in the process, or PostgreSQL (specification 12.1).
///
/// Transactions are synchronous inside and run on the driver's own threads, so that no thread of Swift's pool waits for a disk.
/// SQL is written once for both engines. Parameters are numbered, `?1`, `?2`, …. Where the engines differ, ``Dialect`` has the words.
package protocol DatabaseEngine: Sendable {
    /// The engine's dialect of SQL.
    var dialect: Dialect { get }

    /// The notifications between nodes; `nil` where the engine has none.
    var notifications: (any DatabaseNotifications)? { get }

    /// The present use of the server's sessions; `nil` where there is no server.
    var usage: DatabaseUsage? { get }

    /// Runs `body` on a snapshot. Reads run concurrently.
    ///
    /// - Throws: what `body` throws, or ``DatabaseError``.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value

    /// Runs `body` on a thread with a connection that writes. It may run many transactions there, one after the other.
    ///
    /// - Throws: what `body` throws, or ``DatabaseError``.
    func withWriter<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseWriter) throws -> Value) async throws -> Value

    /// Empties the write-ahead log, which has the old content of pages, where it is the engine's own file.
    ///
    /// - Returns: false where another process or a long query still reads it.
    func emptyLog() async throws -> Bool

    /// Waits for running transactions, then closes files and connections. Later calls throw ``DatabaseError/Code/closed``.
    func close() async throws
}

extension DatabaseEngine {
    /// `nil`, for engines without notifications.
    package var notifications: (any DatabaseNotifications)? { nil }

    /// True, for engines that keep their log to themselves.
    package func emptyLog() async throws -> Bool { true }

    /// `nil`, for engines without a server.
    package var usage: DatabaseUsage? { nil }

    /// Runs `body` in a transaction that is durable when this returns.
    ///
    /// When `body` throws, the transaction is rolled back.
    package func write<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value {
        try await withWriter { try $0.transaction(body) }
    }
}

/// A connection that writes.
///
/// It must not leave the closure that it is passed to.
package protocol DatabaseWriter {
    /// Runs `body` in a transaction that is durable when this returns. When `body` throws, the transaction is rolled back.
    func transaction<Value>(_ body: (any DatabaseTransaction) throws -> Value) throws -> Value
}

/// The notifications that the nodes on one database send each other.
///
/// A notification may be lost or arrive twice. It only shortens the wait for the next poll, and nothing may depend on it.
package protocol DatabaseNotifications: Sendable {
    /// Sends a notification to all listeners, those of this node included.
    func send(_ payload: String) async throws

    /// Calls `handler` with the payload of each notification until the task is cancelled. A connection that breaks is opened again.
    ///
    /// - Parameter handler: called with `nil` after a gap, in which notifications may have been lost.
    func listen(_ handler: @escaping @Sendable (String?) -> Void) async
}

/// The use of a server's sessions by this node.
package struct DatabaseUsage: Sendable, Equatable {
    /// The largest number of sessions.
    package var limit: Int
    /// The number of sessions in use.
    package var lent: Int
    /// The number of open sessions that are not in use.
    package var idle: Int
    /// The number of calls that wait for a session.
    package var waiting: Int
    /// The number of transactions that were repeated after a deadlock or serialization failure, since the start.
    package var repeated: Int

    /// Creates a value.
    package init(limit: Int, lent: Int, idle: Int, waiting: Int, repeated: Int) {
        self.limit = limit
        self.lent = lent
        self.idle = idle
        self.waiting = waiting
        self.repeated = repeated
    }
}
