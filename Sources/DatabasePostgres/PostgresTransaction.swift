import CLibPQ
import Database

/// A transaction on one connection.
final class PostgresTransaction: DatabaseTransaction {
    private let connection: PostgresConnection
    private var savepoints = 0
    private var added = AddedRows()

    init(_ connection: PostgresConnection) {
        self.connection = connection
    }

    var dialect: Dialect { .postgres }

    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int {
        try flush()
        return try connection.run(sql, arguments) { result in
            // Empty for statements that change no rows by their nature.
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
        added.add(row, by: insertion)
    }

    /// Writes the rows that were added and not written yet.
    func flush() throws {
        for (insertion, rows) in added.take() {
            if rows.count < Self.fewestToCopy {
                for row in rows { try connection.run(insertion.statement, row) { _ in } }
            } else {
                try connection.copy(insertion.copyStatement, PostgresCopy.binary(rows))
            }
        }
    }

    /// `COPY` takes two journeys, and is parsed each time.
    private static let fewestToCopy = 4

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
            _ = added.take()
            try connection.command("ROLLBACK TO SAVEPOINT \(name)")
            try connection.command("RELEASE SAVEPOINT \(name)")
            throw error
        }
        try connection.command("RELEASE SAVEPOINT \(name)")
        return value
    }
}
