import CLibPQ
import Database

/// A transaction on one connection.
final class PostgresTransaction: DatabaseTransaction {
    private let connection: PostgresConnection
    private var savepoints = 0
    private var pending = PendingWrites()

    init(_ connection: PostgresConnection) {
        self.connection = connection
    }

    var dialect: Dialect { .postgres }

    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int {
        try flush()
        return try connection.run(sql, arguments) { result in
            // Empty for statements that cannot change rows.
            PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        }
    }

    func query<Value>(_ sql: String, _ arguments: [DatabaseValue], _ decode: (any DatabaseRow) throws -> Value) throws -> [Value] {
        try flush()
        return try connection.run(sql, arguments) { result in
            try (0..<PQntuples(result)).map { try decode(PostgresRow(result: result, row: $0)) }
        }
    }

    func add(_ row: [DatabaseValue], by insertion: Insertion) {
        pending.add(row, by: insertion)
    }

    func set(_ values: [DatabaseValue], of key: DatabaseValue, by update: Update) {
        pending.set(values, of: key, by: update)
    }

    /// Writes the rows that were added or set and not written yet.
    func flush() throws {
        guard !pending.isEmpty else { return }
        let rows = pending
        pending = PendingWrites()
        for (insertion, rows) in rows.additions { try write(rows, by: insertion) }
        for (update, values, keys) in rows.settings {
            for part in keys.parts(of: Self.largestStatement) {
                try connection.run(update.statement(rows: part.count), part + values) { _ in }
            }
        }
    }

    private func write(_ rows: [[DatabaseValue]], by insertion: Insertion) throws {
        if insertion.isForNewKeys {
            // The last row may be repeated; its key then exists.
            for rows in rows.parts(of: Self.largestStatement) {
                try connection.run(insertion.statement(rows: rows.count), rows.flatMap(\.self)) { _ in }
            }
        } else if rows.count < Self.fewestToCopy {
            for row in rows { try connection.run(insertion.statement, row) { _ in } }
        } else {
            try connection.copy(insertion.copyStatement, rows)
        }
    }

    /// The fewest rows that are written by `COPY`, which takes two round trips and is parsed each time.
    private static let fewestToCopy = 4
    /// The most rows of a statement other than `COPY`.
    private static let largestStatement = 64

    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try flush()
        savepoints += 1
        let name = "s\(savepoints)"
        try connection.command("SAVEPOINT \(name)")
        let value: Value
        do {
            value = try body()
            try flush()
        } catch {
            pending = PendingWrites()
            try connection.command("ROLLBACK TO SAVEPOINT \(name)")
            try connection.command("RELEASE SAVEPOINT \(name)")
            throw error
        }
        try connection.command("RELEASE SAVEPOINT \(name)")
        return value
    }
}
