import Database
import MailModel
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// Copies from SQLite to the engine under test.
@Suite(.timeLimit(.minutes(2)))
struct DatabaseCopyTests {
    private func withCopy(_ body: (_ source: any DatabaseEngine, _ destination: any DatabaseEngine) async throws -> Void) async throws {
        try await withDatabase(.sqlite) { source in
            try await withDatabase { destination in
                try await source.migrate(Migrations.all)
                try await destination.migrate(Migrations.all)
                try await body(source, destination)
            }
        }
    }

    private func copy(_ source: any DatabaseEngine, _ destination: any DatabaseEngine) async throws -> CopyReport {
        try await DatabaseCopy(source: source, destination: destination, progress: { _ in }).run()
    }

    /// Inserts rows with all kinds of values into every table.
    ///
    /// References are to the account with the id 1.
    private func fill(_ database: any DatabaseEngine, rows: Int, seed: UInt64 = 1) async throws {
        try await database.write { transaction in
            var random = SeededGenerator(seed: seed)
            for table in try TableShape.all(in: transaction) {
                let count = table.name == "accounts" ? 1 : rows
                let values = (1...count).map { number in
                    table.columns.enumerated().map { index, column in
                        Self.value(column, number: number, isKey: table.key == [index], &random)
                    }
                }
                for row in values { try transaction.add(row, by: table.insertion) }
            }
        }
    }

    /// - Parameter isKey: whether the column alone is the key.
    private static func value(_ column: TableShape.Column, number: Int, isKey: Bool, _ random: inout SeededGenerator) -> DatabaseValue {
        switch column.kind {
        case .integer: .integer(column.name == "account_id" && !isKey ? 1 : Int64(number))
        case .real: .real(Double(random.next() >> 11) / 3)
        // The engines may sort characters of different scripts differently.
        case .text: .text(["ä", "Z", "a", "-", "\u{1F426}", "'\\\t\n"].randomElement(using: &random).map { "\($0)\(number)" })
        case .blob: .blob((0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    private func tables(_ database: any DatabaseEngine) async throws -> [TableShape] {
        try await database.read { try TableShape.all(in: $0) }
    }

    @Test func everyTableIsCopied() async throws {
        try await withCopy { source, destination in
            // More than a page.
            try await fill(source, rows: 300)
            let report = try await copy(source, destination)
            let tables = try await tables(source)
            #expect(report.tables.map(\.name) == tables.map(\.name))
            #expect(report.tables.filter { $0.name != "accounts" }.allSatisfy { $0.rows == 300 })
            #expect(report.resumed == false)
            let unfinished = try await destination.read { try CopyProgress.read(tables, in: $0) }
            #expect(unfinished.isEmpty)
        }
    }

    @Test func numbersOfDeletedRowsAreNotUsedAgain() async throws {
        try await withCopy { source, destination in
            try await source.write { transaction in
                for name in ["a", "b", "c"] {
                    try transaction.execute("INSERT INTO accounts (reference, status, created_at) VALUES (?1, 'active', 0)", [.text(name)])
                }
                try transaction.execute("DELETE FROM accounts WHERE id > 1")
            }
            _ = try await copy(source, destination)
            let id = try await destination.write { transaction in
                try transaction.first("INSERT INTO accounts (reference, status, created_at) VALUES ('d', 'active', 0) RETURNING id") {
                    $0.integer(0)
                }
            }
            #expect(id == 4)
        }
    }

    @Test(arguments: [1, 2, 7, 20])
    func anInterruptedCopyIsResumed(_ writes: Int) async throws {
        try await withCopy { source, destination in
            try await fill(source, rows: 200)
            await #expect(throws: DatabaseError.self) {
                try await copy(source, FailingDatabase(destination, after: writes))
            }
            let store = Store(destination, clock: { Timestamp(milliseconds: 0) })
            #expect(try await store.isUnfinishedCopy())
            let report = try await copy(source, destination)
            #expect(report.resumed == (writes > 1))
            #expect(report.tables.filter { $0.name != "accounts" }.allSatisfy { $0.rows == 200 })
            #expect(try await !store.isUnfinishedCopy())
        }
    }

    @Test func aSourceChangedMeanwhileIsDetected() async throws {
        try await withCopy { source, destination in
            try await fill(source, rows: 10)
            await #expect(throws: DatabaseError.self) { try await copy(source, FailingDatabase(destination, after: 8)) }
            try await source.write { _ = try $0.execute("UPDATE accounts SET status = 'blocked'") }
            await #expect(throws: CopyError.differs(table: "accounts", source: 1, destination: 1)) { try await copy(source, destination) }
            let tables = try await tables(source)
            #expect(try await !destination.read { try CopyProgress.read(tables, in: $0) }.isEmpty, "it must not be used")
        }
    }

    @Test func aDestinationWithDataIsNotChanged() async throws {
        try await withCopy { source, destination in
            try await fill(source, rows: 2)
            try await destination.write { _ = try $0.execute("INSERT INTO sns_topics (arn, pinned_at) VALUES ('arn', 0)") }
            await #expect(throws: CopyError.notEmpty(table: "sns_topics")) { try await copy(source, destination) }
            let accounts = try await destination.read { try $0.first("SELECT COUNT(*) FROM accounts") { $0.integer(0) } }
            #expect(accounts == 0)
        }
    }

    @Test func anotherSchemaIsRefused() async throws {
        try await withCopy { source, destination in
            try await source.write { _ = try $0.execute("ALTER TABLE accounts ADD COLUMN colour TEXT") }
            await #expect(throws: CopyError.differentSchemas(table: "accounts")) { try await copy(source, destination) }
        }
    }

    @Test func textThatPostgreSQLCannotStoreIsReplaced() async throws {
        try await withCopy { source, destination in
            try await source.write { _ = try $0.execute("INSERT INTO sns_topics (arn, pinned_at) VALUES (?1, 0)", [.text("a\0b")]) }
            _ = try await copy(source, destination)
            let arn = try await destination.read { try $0.first("SELECT arn FROM sns_topics") { $0.text(0) } }
            #expect(arn == "a\u{FFFD}b")
        }
    }

    @Test func largeRowsAreReadInSmallPages() async throws {
        try await withCopy { source, _ in
            try await source.write { transaction in
                let body = DatabaseValue.blob([UInt8](repeating: 1, count: 1 << 20))
                for number in 1...20 {
                    try transaction.execute("INSERT INTO secrets (name, value) VALUES (?1, ?2)", [.text("\(number)"), body])
                }
            }
            let sizes = try await source.read { transaction in
                var pages = TablePages(try #require(try TableShape.all(in: transaction).first { $0.name == "secrets" }))
                var sizes: [Int] = []
                while case let rows = try pages.next(in: transaction), !rows.isEmpty { sizes.append(rows.count) }
                return sizes
            }
            #expect(sizes.reduce(0, +) == 20)
            #expect(sizes.allSatisfy { $0 <= 4 })
        }
    }
}

/// A database whose writes fail after some, as if the connection broke.
private struct FailingDatabase: DatabaseEngine {
    private final class Remaining: Sendable {
        let count: Mutex<Int>
        init(_ count: Int) { self.count = Mutex(count) }
    }

    private let database: any DatabaseEngine
    private let remaining: Remaining

    init(_ database: any DatabaseEngine, after writes: Int) {
        self.database = database
        remaining = Remaining(writes)
    }

    var dialect: Dialect { database.dialect }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value {
        try await database.read(body)
    }

    func withWriter<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseWriter) throws -> Value) async throws -> Value {
        let isAllowed = remaining.count.withLock { count in
            count -= 1
            return count >= 0
        }
        guard isAllowed else { throw DatabaseError(.unavailable, "the connection was cut") }
        return try await database.withWriter(body)
    }

    func close() async throws {}
}
