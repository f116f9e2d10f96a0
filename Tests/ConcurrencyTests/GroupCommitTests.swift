import Database
import Dispatch
import Metering
import Storage
import Synchronization
import Testing

extension Dialect {
    fileprivate static let none = Dialect(
        name: "none", integer: "", identity: "", real: "", blob: "", clusteredByKey: "", forUpdate: "", forUpdateSkipLocked: "",
        schemaLock: "", catalogue: "", identityCounters: "", setIdentityCounter: "")
}

/// A database whose commits are held until a test releases them.
private final class HeldDatabase: DatabaseEngine {
    let dialect = Dialect.none
    let batches = Mutex(0)
    let failure = Mutex<DatabaseError?>(nil)
    let started: AsyncStream<Void>
    private let didStart: AsyncStream<Void>.Continuation
    /// Entered while commits are held.
    private let gate = DispatchGroup()
    private let thread = DispatchQueue(label: "writer")

    init() {
        (started, didStart) = AsyncStream.makeStream(of: Void.self)
        gate.enter()
    }

    func release() { gate.leave() }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value {
        try body(NoTransaction())
    }

    func withWriter<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseWriter) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            thread.async { continuation.resume(with: Result { try body(Writer(database: self)) }) }
        }
    }

    private struct Writer: DatabaseWriter {
        let database: HeldDatabase

        func transaction<Value>(_ body: (any DatabaseTransaction) throws -> Value) throws -> Value {
            database.didStart.yield()
            database.gate.wait()
            database.batches.withLock { $0 += 1 }
            if let error = database.failure.withLock({ $0 }) { throw error }
            return try body(NoTransaction())
        }
    }

    func close() async throws {}
}

private final class NoTransaction: DatabaseTransaction {
    var dialect: Dialect { .none }
    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int { 0 }
    func query<Value>(_ sql: String, _ arguments: [DatabaseValue], _ decode: (any DatabaseRow) throws -> Value) throws -> [Value] { [] }
    func add(_ row: [DatabaseValue], by insertion: Insertion) {}
    func set(_ values: [DatabaseValue], of key: DatabaseValue, by update: Update) {}
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value { try body() }
}

private final class Log: Sendable {
    let entries = Mutex<[Int]>([])
}

@Suite(.timeLimit(.minutes(1)))
struct GroupCommitTests {
    private struct Refused: Error, Equatable {}

    private func commit(
        on database: HeldDatabase, capacity: Int = 100, largestBatch: Int = 10, patience: Duration = .seconds(60),
        metrics: MetricsRegistry = MetricsRegistry([])
    ) -> GroupCommit<Int> {
        GroupCommit(
            database: database, capacity: capacity, largestBatch: largestBatch, patience: patience, metrics: metrics, begin: { _, _ in 0 },
            finish: { _ in })
    }

    /// However many commands and steps wait, neither delays the other for longer than one transaction.
    @Test func batchesAndStepsTakeTurns() {
        typealias Commit = GroupCommit<Int>
        func named(_ name: String) -> Commit.Command { Commit.Command(.email(nil, messageID: name), { $0 }, answer: { _ in }) }
        var state = Commit.State()
        for number in 1...4 { _ = state.add(named("c\(number)"), capacity: 10, patience: .seconds(60)) }
        let isFirst = (1...3).map { state.addStep(named("s\($0)")) }
        #expect(isFirst == [false, false, false], "the queue is being drained")
        var order: [[String]] = []
        while let batch = state.next(2) {
            order.append(batch.compactMap(\.intent.messageID))
            // Further commands arrive.
            if order.count == 3 { _ = state.add(named("c5"), capacity: 10, patience: .seconds(60)) }
        }
        #expect(order == [["s1"], ["c1", "c2"], ["s2"], ["c3", "c4"], ["s3"], ["c5"]])
        let isFirstAgain = state.addStep(named("s4"))
        #expect(isFirstAgain, "the queue is not being drained any more")
    }

    @Test func batchesAreMeasured() async throws {
        let metrics = MetricsRegistry([
            MetricFamily("martlet_commit_commands", .histogram(bounds: [1, 3]), ""),
            MetricFamily("martlet_commit_duration_seconds", .seconds, ""),
            MetricFamily("martlet_commits_apart_total", .counter, ""), MetricFamily("martlet_writes_refused_total", .counter, ""),
        ])
        let database = HeldDatabase()
        let commits = commit(on: database, capacity: 3, metrics: metrics)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await commits.submit { _ in } }
            for await _ in database.started { break }
            for number in 0..<3 { group.addTask { try? await commits.submit { _ in if number == 1 { throw Refused() } } } }
            while commits.waiting < 3 { await Task.yield() }
            await #expect(throws: StorageError.overloaded) { try await commits.submit { _ in } }
            database.release()
            try await group.waitForAll()
        }
        let lines = MetricsReport(metrics).text.split(separator: "\n")
        for line in [
            #"martlet_commit_commands_bucket{le="1"} 1"#, #"martlet_commit_commands_bucket{le="3"} 2"#,
            "martlet_commit_duration_seconds_count 2",
            "martlet_commits_apart_total 1", "martlet_writes_refused_total 1",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
    }

    @Test func commandsThatArriveDuringACommitShareTheNext() async throws {
        let database = HeldDatabase()
        let commits = commit(on: database, largestBatch: 50)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await commits.submit { _ in } }
            for await _ in database.started { break }
            for _ in 0..<40 { group.addTask { try await commits.submit { _ in } } }
            while commits.waiting < 40 { await Task.yield() }
            database.release()
            try await group.waitForAll()
        }
        #expect(database.batches.withLock { $0 } == 2)
    }

    @Test func aBatchHasAtMostTheAllowedSize() async throws {
        let database = HeldDatabase()
        let commits = commit(on: database, largestBatch: 10)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await commits.submit { _ in } }
            for await _ in database.started { break }
            for _ in 0..<25 { group.addTask { try await commits.submit { _ in } } }
            while commits.waiting < 25 { await Task.yield() }
            database.release()
            try await group.waitForAll()
        }
        #expect(database.batches.withLock { $0 } == 4)
    }

    @Test func commandsRunInTheOrderOfTheirSubmission() async throws {
        let database = HeldDatabase()
        let commits = commit(on: database)
        let log = Log()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<30 {
                let before = commits.waiting
                group.addTask { try await commits.submit { _ in log.entries.withLock { $0.append(number) } } }
                while number > 0 && commits.waiting == before { await Task.yield() }
                if number == 0 { for await _ in database.started { break } }
            }
            database.release()
            try await group.waitForAll()
        }
        #expect(log.entries.withLock { $0 } == Array(0..<30))
    }

    @Test func aFullQueueRefusesAtOnce() async throws {
        let database = HeldDatabase()
        let commits = commit(on: database, capacity: 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await commits.submit { _ in } }
            for await _ in database.started { break }
            for _ in 0..<3 { group.addTask { try await commits.submit { _ in } } }
            while commits.waiting < 3 { await Task.yield() }
            await #expect(throws: StorageError.overloaded) { try await commits.submit { _ in } }
            database.release()
            try await group.waitForAll()
        }
    }

    @Test func commandsBehindABatchThatDoesNotEndAreRefused() async throws {
        let database = HeldDatabase()
        let commits = commit(on: database, patience: .milliseconds(50))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await commits.submit { _ in } }
            for await _ in database.started { break }
            async let waiting = Self.result { try await commits.submit { _ in } }
            while commits.waiting < 1 { await Task.yield() }
            let deadline = ContinuousClock.now + .milliseconds(60)
            while ContinuousClock.now < deadline { await Task.yield() }
            for outcome in [await Self.result { try await commits.submit { _ in } }, await waiting] {
                #expect(throws: StorageError.overloaded) { try outcome.get() }
            }
            // The batch that is under way is not given up.
            database.release()
            try await group.waitForAll()
        }
    }

    @Test func aFailingCommandFailsAlone() async throws {
        let database = HeldDatabase()
        let commits = commit(on: database)
        let results = try await withThrowingTaskGroup(of: Result<Int, any Error>.self) { group in
            group.addTask { Result { 0 } }
            group.addTask { await Self.result { try await commits.submit { _ in -1 } } }
            for await _ in database.started { break }
            for number in 1...9 {
                group.addTask {
                    await Self.result {
                        try await commits.submit { _ in
                            if number == 5 { throw Refused() }
                            return number
                        }
                    }
                }
            }
            while commits.waiting < 9 { await Task.yield() }
            database.release()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let values = results.compactMap { try? $0.get() }.sorted()
        #expect(values == [-1, 0, 1, 2, 3, 4, 6, 7, 8, 9])
        #expect(results.count == 11)
    }

    @Test func allCommandsFailWithTheCommit() async throws {
        let database = HeldDatabase()
        database.release()
        database.failure.withLock { $0 = DatabaseError(.full, "database or disk is full") }
        let commits = commit(on: database)
        let error = await #expect(throws: DatabaseError.self) { try await commits.submit { _ in } }
        #expect(error?.code == .full)
        database.failure.withLock { $0 = nil }
        try await commits.submit { _ in }
    }

    private static func result<Value>(_ body: () async throws -> Value) async -> Result<Value, any Error> {
        do {
            let value = try await body()
            return .success(value)
        } catch {
            return .failure(error)
        }
    }
}
