import Database
import TestSupport
import Testing

/// The conformance suite of the engines: each test runs on all of them.
@Suite(.timeLimit(.minutes(1)))
struct DatabaseConformanceTests {
    private struct Refused: Error {}

    private func withTable(_ engine: TestEngine, _ body: (any DatabaseEngine) async throws -> Void) async throws {
        try await withDatabase(engine) { database in
            try await database.write { _ = try $0.execute("CREATE TABLE t (i \($0.dialect.integer) UNIQUE)") }
            try await body(database)
        }
    }

    private func numbers(_ database: any DatabaseEngine) async throws -> [Int64] {
        try await database.read { try $0.query("SELECT i FROM t ORDER BY i", []) { $0.integer(0) } }
    }

    @Test(arguments: TestEngine.available)
    func valuesAreReadAsTheyWereWritten(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { database in
            try await database.write { transaction in
                let dialect = transaction.dialect
                try transaction.execute(
                    "CREATE TABLE t (i \(dialect.integer), r \(dialect.real), s TEXT, b \(dialect.blob), n TEXT, e TEXT, f \(dialect.blob))"
                )
                try transaction.execute(
                    "INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    [.integer(Int64.min), .real(0.1), .text("a\u{1F426}\n'\\?1"), .blob([0, 255, 92]), .null, .text(""), .blob([])])
            }
            let rows = try await database.read { transaction in
                try transaction.query("SELECT i, r, s, b, n, e, f FROM t", []) { row in
                    #expect(row.integer(0) == Int64.min)
                    #expect(row.real(1) == 0.1)
                    #expect(row.text(2) == "a\u{1F426}\n'\\?1")
                    #expect(row.blob(3) == [0, 255, 92])
                    #expect(row.isNull(4) && row.optionalText(4) == nil && row.optionalInteger(4) == nil)
                    #expect(!row.isNull(5) && row.text(5).isEmpty)
                    #expect(!row.isNull(6) && row.blob(6).isEmpty)
                }.count
            }
            #expect(rows == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func manyRowsAreInsertedAtOnce(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { database in
            let rows: [[DatabaseValue]] = (0..<1000).map { number in
                [.integer(Int64.max - Int64(number)), .null, .real(-0.1), .text("\\N\t\n\u{1F426}\(number)"), .blob([0, 255, 10, 92])]
            }
            try await database.write { transaction in
                let dialect = transaction.dialect
                try transaction.execute(
                    "CREATE TABLE t (i \(dialect.integer) PRIMARY KEY, n \(dialect.integer), r \(dialect.real), s TEXT, b \(dialect.blob))")
                let insertion = Insertion(into: "t", ["i", "n", "r", "s", "b"])
                for row in rows { try transaction.add(row, by: insertion) }
            }
            await #expect(throws: DatabaseError.self) {
                try await database.write { transaction in
                    let insertion = Insertion(into: "t", ["i", "s"])
                    try transaction.add([.integer(1), .text("a")], by: insertion)
                    try transaction.add([.integer(Int64.max), .null], by: insertion)
                }
            }
            let found = try await database.read { transaction in
                try transaction.query("SELECT i, r, s, b, n FROM t ORDER BY i DESC", []) { row -> [DatabaseValue] in
                    [
                        .integer(row.integer(0)), row.isNull(4) ? .null : .integer(0), .real(row.real(1)), .text(row.text(2)),
                        .blob(row.blob(3)),
                    ]
                }
            }
            #expect(found == rows)
        }
    }

    @Test(arguments: TestEngine.available)
    func expressionsReadAsNumbers(_ engine: TestEngine) async throws {
        try await withTable(engine) { (database) async throws in
            try await database.write { transaction in
                for number in [1, 2, 3] { try transaction.execute("INSERT INTO t VALUES (?1)", [.integer(number)]) }
                let sums = try transaction.query("SELECT SUM(i), COUNT(*), MAX(i) > 2, '?2' FROM t WHERE i >= ?1", [.integer(2)]) {
                    ([$0.integer(0), $0.integer(1), $0.integer(2)], $0.text(3))
                }
                #expect(sums.first?.0 == [5, 2, 1])
                #expect(sums.first?.1 == "?2")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func changesAreCounted(_ engine: TestEngine) async throws {
        try await withTable(engine) { (database) async throws in
            try await database.write { (transaction) throws in
                let insert = "INSERT INTO t VALUES (?1) ON CONFLICT DO NOTHING"
                #expect(try transaction.execute(insert, [.integer(1)]) == 1)
                #expect(try transaction.execute(insert, [.integer(1)]) == 0)
                #expect(try transaction.execute("UPDATE t SET i = i + 1", []) == 1)
                #expect(try transaction.query("DELETE FROM t RETURNING i", []) { $0.integer(0) } == [2])
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func aFailedTransactionIsRolledBack(_ engine: TestEngine) async throws {
        try await withTable(engine) { (database) async throws in
            await #expect(throws: Refused.self) {
                try await database.write { transaction in
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    throw Refused()
                }
            }
            #expect(try await numbers(database) == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func aFailedSavepointIsRolledBackAlone(_ engine: TestEngine) async throws {
        try await withTable(engine) { (database) async throws in
            try await database.write { transaction in
                try transaction.execute("INSERT INTO t VALUES (1)")
                try? transaction.savepoint {
                    try transaction.execute("INSERT INTO t VALUES (2)")
                    throw Refused()
                }
                // Also after an error of the database.
                try? transaction.savepoint { _ = try transaction.execute("INSERT INTO t VALUES (1)") }
                try transaction.savepoint {
                    try? transaction.savepoint { _ = try transaction.execute("nonsense") }
                    try transaction.execute("INSERT INTO t VALUES (3)")
                }
            }
            #expect(try await numbers(database) == [1, 3])
        }
    }

    /// More rows than one statement may insert, of two tables in turn, with and without values in each column.
    @Test(arguments: TestEngine.available)
    func addedRowsAreSeenByLaterStatements(_ engine: TestEngine) async throws {
        let insertion = Insertion(into: "u", ["i", "s", "b", "r"])
        try await withTable(engine) { (database) async throws in
            try await database.write { transaction in
                let dialect = transaction.dialect
                try transaction.execute(
                    "CREATE TABLE u (i \(dialect.integer) PRIMARY KEY, s TEXT, b \(dialect.blob), r \(dialect.real))")
                for number in 1...100 {
                    try transaction.add(
                        [
                            .integer(number), number % 2 == 0 ? .text("é\(number)") : .null,
                            number % 3 == 0 ? .blob([UInt8(number)]) : .null,
                            number % 5 == 0 ? .real(Double(number) / 8) : .null,
                        ], by: insertion)
                    try transaction.add([.integer(number)], by: Self.numbers)
                    guard number == 50 else { continue }
                    let soFar = try transaction.query("SELECT i FROM u", []) { $0.integer(0) }
                    #expect(soFar.count == 50)
                }
            }
            #expect(try await numbers(database) == Array(1...100))
            let rows = try await database.read { transaction in
                try transaction.query("SELECT i, s, b, r FROM u ORDER BY i", []) { row in
                    let number = row.integer(0)
                    #expect(row.optionalText(1) == (number % 2 == 0 ? "é\(number)" : nil))
                    #expect(row.isNull(2) != (number % 3 == 0) && (row.isNull(2) || row.blob(2) == [UInt8(number)]))
                    #expect(row.isNull(3) != (number % 5 == 0) && (row.isNull(3) || row.real(3) == Double(number) / 8))
                }.count
            }
            #expect(rows == 100)
        }
    }

    /// Rows that are set to the same values and to different ones, more than one statement may update, added and set before they are read.
    @Test(arguments: TestEngine.available)
    func setValuesAreSeenByLaterStatements(_ engine: TestEngine) async throws {
        let insertion = Insertion(into: "u", ["i", "s", "r"])
        let update = Update(of: "u", by: "i", ["s", "r"])
        try await withTable(engine) { (database) async throws in
            try await database.write { transaction in
                try transaction.execute(
                    "CREATE TABLE u (i \(transaction.dialect.integer) PRIMARY KEY, s TEXT, r \(transaction.dialect.real))")
                for number in 1...200 {
                    try transaction.add([.integer(number), .text("new"), .real(1)], by: insertion)
                    try transaction.set([.text("first"), .null], of: .integer(number), by: update)
                }
                #expect(try transaction.query("SELECT i FROM u WHERE s = 'first' AND r IS NULL", []) { $0.integer(0) }.count == 200)
                for number in 1...200 where number % 3 > 0 {
                    let isAlike = number % 3 == 1
                    try transaction.set([.text("x"), .null], of: .integer(number), by: update)
                    try transaction.set(
                        [isAlike ? .null : .text("\(number)"), .real(isAlike ? 2 : Double(number))], of: .integer(number), by: update)
                }
                try transaction.set([.text("nobody"), .null], of: .integer(201), by: update)
            }
            let rows = try await database.read { transaction in
                try transaction.query("SELECT i, s, r FROM u ORDER BY i", []) { row in
                    let number = row.integer(0)
                    #expect(row.optionalText(1) == (number % 3 == 0 ? "first" : number % 3 == 1 ? nil : "\(number)"))
                    #expect(
                        row.isNull(2) == (number % 3 == 0) && row.real(2) == (number % 3 == 0 ? 0 : number % 3 == 1 ? 2 : Double(number)))
                }.count
            }
            #expect(rows == 200)
        }
    }

    @Test(arguments: TestEngine.available)
    func addedRowsWithAnExistingKeyAreIgnored(_ engine: TestEngine) async throws {
        let insertion = Insertion(into: "u", ["i", "s"], ifKeyIsNew: true)
        try await withTable(engine) { (database) async throws in
            try await database.write { transaction in
                try transaction.execute("CREATE TABLE u (i \(transaction.dialect.integer) PRIMARY KEY, s TEXT)")
                try transaction.execute("INSERT INTO u VALUES (7, 'old')")
                for number in 1...100 { try transaction.add([.integer(number), number == 8 ? .null : .text("new")], by: insertion) }
                try transaction.add([.integer(100), .text("again")], by: insertion)
            }
            let rows = try await database.read { transaction in
                try transaction.query("SELECT s FROM u ORDER BY i", []) { $0.optionalText(0) }
            }
            #expect(rows == (1...100).map { $0 == 7 ? "old" : $0 == 8 ? nil : "new" })
        }
    }

    /// Values that were set in a savepoint are rolled back with it.
    @Test(arguments: TestEngine.available)
    func aFailedSavepointRollsBackSetValues(_ engine: TestEngine) async throws {
        let update = Update(of: "t", by: "i", ["i"])
        try await withTable(engine) { (database) async throws in
            try await database.write { transaction in
                try transaction.add([.integer(1)], by: Self.numbers)
                try? transaction.savepoint {
                    try transaction.set([.integer(2)], of: .integer(1), by: update)
                    throw Refused()
                }
                try transaction.add([.integer(3)], by: Self.numbers)
                try transaction.savepoint { try transaction.set([.integer(4)], of: .integer(3), by: update) }
            }
            #expect(try await numbers(database) == [1, 4])
        }
    }

    private static let numbers = Insertion(into: "t", ["i"])

    @Test(arguments: TestEngine.available)
    func addedRowsThatBreakAConstraintFailTheirSavepoint(_ engine: TestEngine) async throws {
        try await withTable(engine) { (database) async throws in
            try await database.write { transaction in
                try transaction.add([.integer(1)], by: Self.numbers)
                try? transaction.savepoint {
                    try transaction.add([.integer(2)], by: Self.numbers)
                    try transaction.add([.integer(1)], by: Self.numbers)
                }
                try? transaction.savepoint {
                    try transaction.add([.integer(3)], by: Self.numbers)
                    throw Refused()
                }
                try transaction.add([.integer(4)], by: Self.numbers)
            }
            #expect(try await numbers(database) == [1, 4])
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { transaction in
                    try transaction.add([.integer(5)], by: Self.numbers)
                    try transaction.add([.integer(4)], by: Self.numbers)
                }
            }
            #expect(error?.code == .constraint)
            #expect(try await numbers(database) == [1, 4])
        }
    }

    @Test(arguments: TestEngine.available)
    func aBrokenConstraintIsNotTemporary(_ engine: TestEngine) async throws {
        try await withTable(engine) { (database) async throws in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { transaction in
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    try transaction.execute("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error?.code == .constraint)
            #expect(error?.isTemporary == false)
            // The connection can be used as before.
            try await database.write { _ = try $0.execute("INSERT INTO t VALUES (2)") }
            #expect(try await numbers(database) == [2])
        }
    }

    @Test(arguments: TestEngine.available)
    func aReadSeesOneSnapshot(_ engine: TestEngine) async throws {
        try await withTable(engine) { (database) async throws in
            let (began, didBegin) = AsyncStream.makeStream(of: Void.self)
            let release = BlockingLatch()
            async let counts = database.read { (transaction) throws -> [Int64?] in
                let count = { () throws -> Int64? in try transaction.first("SELECT COUNT(*) FROM t") { $0.integer(0) } }
                let before = try count()
                didBegin.yield()
                release.wait()
                return [before, try count()]
            }
            for await _ in began { break }
            try await database.write { _ = try $0.execute("INSERT INTO t VALUES (1)") }
            release.release()
            let seen = try await counts
            #expect(seen == [0, 0])
        }
    }

    @Test(arguments: TestEngine.available)
    func aReadCannotWrite(_ engine: TestEngine) async throws {
        try await withTable(engine) { (database) async throws in
            await #expect(throws: DatabaseError.self) {
                try await database.read { _ = try $0.execute("INSERT INTO t VALUES (1)") }
            }
            #expect(try await numbers(database) == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func aClosedDatabaseThrows(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { (database) async throws in
            try await database.close()
            let error = await #expect(throws: DatabaseError.self) { try await database.read { _ in } }
            #expect(error?.code == .closed)
        }
    }

    /// PostgreSQL allows 65,535 parameters in a statement, SQLite 32,766 unless it was built with a higher limit.
    @Test(arguments: TestEngine.available)
    func aListMayHaveMoreValuesThanAStatementAllows(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { database in
            let (count, rows) = (70_000, 35_000)
            let found = try await database.write { transaction in
                let integer = transaction.dialect.integer
                try transaction.execute("CREATE TABLE t (i \(integer) PRIMARY KEY, j \(integer))")
                try transaction.execute(
                    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < \(count - 1)) INSERT INTO t SELECT i, 0 FROM n"
                )
                let changed = try transaction.execute(overRows: (0..<rows).map { [.integer($0), .integer($0 % 7)] }) {
                    "WITH v (i, j) AS (VALUES \($0)) UPDATE t SET j = v.j FROM v WHERE v.i = t.i"
                }
                #expect(changed == rows)
                let pairs = try transaction.query(
                    overRows: (0..<rows).map { [.integer($0), .integer($0 % 7)] },
                    { "WITH v (i, j) AS (VALUES \($0)) SELECT DISTINCT t.i FROM v JOIN t ON v.i = t.i AND v.j = t.j" }
                ) { $0.integer(0) }
                #expect(Set(pairs).count == rows)
                return try transaction.query(over: (0..<count).map { .integer($0) }, { "SELECT i FROM t WHERE i IN (\($0)) ORDER BY i" }) {
                    $0.integer(0)
                }
            }
            #expect(found == (0..<Int64(count)).map { $0 })
            let none = try await database.read { try $0.query(over: [], { "SELECT i FROM t WHERE i IN (\($0))" }) { $0.integer(0) } }
            #expect(none.isEmpty)
        }
    }
}
