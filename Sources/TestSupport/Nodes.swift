import Database
import DatabasePostgres
import Dispatch
package import Storage

/// Runs a test on several nodes: stores with connections of their own to one PostgreSQL database, which all of them migrate at once.
///
/// - Parameter body: gets the nodes, which are closed afterwards.
/// - Returns: what `body` returned, and the number of deadlocks that the server had to resolve.
@discardableResult
package func withNodes<Value: Sendable>(
    _ count: Int, clock: TestClock = TestClock(), _ body: ([Store]) async throws -> Value
) async throws -> (value: Value, deadlocks: Int64) {
    let settings = try await nodeSettings()
    let value = try await withNodes(count, settings, clock: clock, body)
    let deadlocks = try await deadlocks(settings)
    return (value, deadlocks)
}

/// Runs a test on two nodes, of which one is held while the other does something: see ``NodePair``.
package func withNodePair<Value: Sendable>(clock: TestClock = TestClock(), _ body: (NodePair) async throws -> Value) async throws -> Value {
    let settings = try await nodeSettings()
    return try await withNodes(2, settings, clock: clock) { nodes in
        let watcher = try await PostgresDatabase.connect(settings)
        do {
            let value = try await body(NodePair(nodes, watcher: watcher))
            try await watcher.close()
            return value
        } catch {
            try? await watcher.close()
            throw error
        }
    }
}

private func nodeSettings() async throws -> PostgresSettings {
    var settings = PostgresSettings(url: try await PostgresServer.createDatabase("martlet_test_\(UInt64.random(in: 0...UInt64.max))"))
    // Tests hold transactions open on machines that are busy.
    settings.idleInTransactionTimeout = .seconds(60)
    return settings
}

private func withNodes<Value: Sendable>(
    _ count: Int, _ settings: PostgresSettings, clock: TestClock, _ body: ([Store]) async throws -> Value
) async throws -> Value {
    var nodes: [Store] = []
    for _ in 0..<count { nodes.append(Store(try await PostgresDatabase.connect(settings), clock: { clock.now })) }
    try await withThrowingTaskGroup(of: Void.self) { group in
        for node in nodes { group.addTask { try await node.migrate() } }
        try await group.waitForAll()
    }
    let value: Value
    do {
        value = try await body(nodes)
    } catch {
        for node in nodes { try? await node.close() }
        throw error
    }
    // Sessions report what they counted when they end.
    for node in nodes { try await node.close() }
    return value
}

private func deadlocks(_ settings: PostgresSettings) async throws -> Int64 {
    let database = try await PostgresDatabase.connect(settings)
    let found = try await database.read { transaction in
        try transaction.first("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") { $0.integer(0) }
    }
    try await database.close()
    return found ?? 0
}

/// Two nodes on one PostgreSQL database, of which the first is held in the middle of a transaction while the second does something.
package struct NodePair: Sendable {
    /// The node that is held.
    package let first: Store
    /// The node that meets the locks of the first.
    package let second: Store
    private let watcher: PostgresDatabase

    fileprivate init(_ nodes: [Store], watcher: PostgresDatabase) {
        (first, second) = (nodes[0], nodes[1])
        self.watcher = watcher
    }

    /// Holds a change on the first node before its commit, with the locks that it has taken, starts something on the second, and lets the
    /// first commit once the second waits for a lock or is finished.
    ///
    /// What the transaction would write at its end takes no locks before: a test that needs them calls `flush()` in `change`.
    ///
    /// - Parameter intent: the intent of the change, whose locks are taken before it runs.
    /// - Returns: what `other` returned.
    @discardableResult
    package func whileHeld<Value: Sendable>(
        intent: WriteIntent = .none, _ change: @escaping @Sendable (Transaction) throws -> Void,
        _ other: @escaping @Sendable (Store) async throws -> Value
    ) async throws -> Value {
        let (changes, didChange) = AsyncStream.makeStream(of: Void.self)
        let hold = BlockingLatch()
        async let held: Void = first.write(intent) { tx in
            defer { didChange.finish() }
            try change(tx)
            didChange.finish()
            hold.wait()
        }
        for await _ in changes {}
        let value = try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { [second] in
                let value = try await other(second)
                return .some(value)
            }
            group.addTask { [watcher] in
                defer { hold.release() }
                // Polled: PostgreSQL does not notify of waiting sessions.
                while !Task.isCancelled, try await !watcher.hasWaitingSession() {}
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
        try await held
        return value
    }
}

extension PostgresDatabase {
    /// Whether a session of this database waits for a lock of another one.
    ///
    /// Waits for 5 ms where none does.
    fileprivate func hasWaitingSession() async throws -> Bool {
        try await read { transaction in
            let isWaiting = try transaction.first(
                """
                SELECT 1 FROM pg_locks waiting JOIN pg_locks used ON used.pid = waiting.pid
                WHERE NOT waiting.granted AND used.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1
                """
            ) { _ in true }
            if isWaiting == nil { _ = try transaction.query("SELECT pg_sleep(0.005)", []) { _ in } }
            return isWaiting ?? false
        }
    }
}

/// Holds threads until a test releases them.
///
/// Once released it holds none, however often it is passed.
package final class BlockingLatch: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    /// Creates a latch that holds whoever waits for it.
    package init() {}

    /// Blocks the calling thread until the release.
    package func wait() {
        semaphore.wait()
        // For the next one: the latch stays open.
        semaphore.signal()
    }

    /// Releases all who wait, and who will.
    package func release() { semaphore.signal() }
}
