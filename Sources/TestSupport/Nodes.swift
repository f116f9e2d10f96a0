import Database
import DatabasePostgres
public import Storage

/// Runs a test on several nodes: stores with connections of their own on one PostgreSQL database, which all of them migrate at once.
///
/// - Parameter body: gets the nodes; afterwards they are closed.
/// - Returns: what `body` returned, and the number of deadlocks that the server had to end.
@discardableResult
public func withNodes<Value: Sendable>(
    _ count: Int, clock: TestClock = TestClock(), _ body: ([Store]) async throws -> Value
) async throws -> (value: Value, deadlocks: Int64) {
    let settings = PostgresSettings(url: try await PostgresServer.createDatabase("martlet_test_\(UInt64.random(in: 0...UInt64.max))"))
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
    let deadlocks = try await deadlocks(settings)
    return (value, deadlocks)
}

private func deadlocks(_ settings: PostgresSettings) async throws -> Int64 {
    let database = try await PostgresDatabase.connect(settings)
    let found = try await database.read { transaction in
        try transaction.first("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") { $0.integer(0) }
    }
    try await database.close()
    return found ?? 0
}
