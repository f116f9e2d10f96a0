import Database
import DatabasePostgres
package import Storage

/// Runs a test on several nodes: stores with connections of their own on one PostgreSQL database, which all of them migrate at once.
///
/// - Parameter body: gets the nodes; afterwards they are closed.
/// - Returns: what `body` returned, and the number of deadlocks that the server had to end.
@discardableResult
package func withNodes<Value: Sendable>(
    _ count: Int, clock: TestClock = TestClock(), _ body: ([Store]) async throws -> Value
) async throws -> (value: Value, deadlocks: Int64) {
    let settings = try await nodeSettings()
    let value = try await withNodes(count, settings, clock: clock, body)
    let deadlocks = try await deadlocks(settings)
    return (value, deadlocks)
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

/// Two nodes on one PostgreSQL database, of which the first is held in the middle of a transaction while the second does something.
package struct NodePair: Sendable {
    package let first: Store
    package let second: Store
    private let watcher: PostgresDatabase

    fileprivate init(_ nodes: [Store], watcher: PostgresDatabase) {
        (first, second) = (nodes[0], nodes[1])
        self.watcher = watcher
    }

    /// Holds a change on the first node, with the locks that it has taken, begins something on the second, and lets the first commit once
    /// the second waits for a lock, or has come to its end.
    ///
    /// - Returns: what came of the second.
    @discardableResult
    package func whileHeld<Value: Sendable>(
        _ change: @escaping @Sendable (WriteContext) throws -> Void, _ other: @escaping @Sendable (Store) async throws -> Value
    ) async throws -> Value {
        let (changes, didChange) = AsyncStream.makeStream(of: Void.self)
        let hold = BlockingLatch()
        async let held: Void = first.write { context in
            defer { didChange.finish() }
            try change(context)
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
                // A command may be run again: nobody holds it then.
                defer { for _ in 0..<16 { hold.release() } }
                // The server tells nobody that a session waits.
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

/// Runs a test on two nodes, the one held while the other does something.
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

extension PostgresDatabase {
    /// Whether a session of this database waits for a lock of another one. Looks for a moment.
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

private func deadlocks(_ settings: PostgresSettings) async throws -> Int64 {
    let database = try await PostgresDatabase.connect(settings)
    let found = try await database.read { transaction in
        try transaction.first("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") { $0.integer(0) }
    }
    try await database.close()
    return found ?? 0
}
