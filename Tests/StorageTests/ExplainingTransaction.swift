import Database

/// A transaction that runs its statements, and records their plans.
final class ExplainingTransaction: DatabaseTransaction {
    private let transaction: any DatabaseTransaction
    /// Each statement's plan, a line for each step.
    private(set) var plans: [(sql: String, lines: [String])] = []

    init(_ transaction: any DatabaseTransaction) {
        self.transaction = transaction
    }

    var dialect: Dialect { transaction.dialect }

    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int {
        try explain(sql, arguments)
        return try transaction.execute(sql, arguments)
    }

    func query<Value>(_ sql: String, _ arguments: [DatabaseValue], _ decode: (any DatabaseRow) throws -> Value) throws -> [Value] {
        try explain(sql, arguments)
        return try transaction.query(sql, arguments, decode)
    }

    func add(_ row: [DatabaseValue], by insertion: Insertion) throws {
        try transaction.add(row, by: insertion)
    }

    func set(_ values: [DatabaseValue], of key: DatabaseValue, by update: Update) throws {
        // Several rows, as pending writes are written.
        try explain(update.statement(rows: 4), Array(repeating: key, count: 4) + values)
        try transaction.set(values, of: key, by: update)
    }

    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try transaction.savepoint(body)
    }

    private func explain(_ sql: String, _ arguments: [DatabaseValue]) throws {
        let isSQLite = dialect.partitioning == nil
        let words = isSQLite ? "EXPLAIN QUERY PLAN" : "EXPLAIN"
        plans.append((sql, try transaction.query("\(words) \(sql)", arguments) { $0.text(isSQLite ? 3 : 0) }))
    }
}
