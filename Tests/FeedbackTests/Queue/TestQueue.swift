import AmazonSES
import Database
import Feedback
import MailModel
import Storage
import Synchronization
import TestSupport

/// A queue in memory.
///
/// What was received and not deleted comes again once nothing else waits, as after a visibility time-out.
final class TestQueue: MessageQueue {
    struct State {
        var messages: [SQSMessage] = []
        /// Positions that were received and are hidden.
        var hidden: Set<String> = []
        /// The ids of deleted messages, in the order of their deletion.
        var deleted: [String] = []
        /// The ids of the messages that the dead-letter queue got.
        var dead: [String] = []
        var limits: [Int] = []
        var hiddenFor: [Duration] = []
        /// Errors of the next calls.
        var receiveFailures: [SQSError] = []
        var deleteFailures = 0
        var attributeFailures = 0
    }

    let name = "ses-events"
    let state = Mutex(State())
    private let deadLetterQueue: String?
    private let clock: TestClock
    private let idle: AsyncStream<Void>
    private let becameIdle: AsyncStream<Void>.Continuation

    /// How often a message is received before the dead-letter queue gets it.
    private static let mostReceives = 5

    /// - Parameter deadLetterQueue: its ARN; `nil` where there is none.
    init(_ bodies: [String], deadLetterQueue: String? = nil, clock: TestClock = TestClock()) {
        self.deadLetterQueue = deadLetterQueue
        self.clock = clock
        (idle, becameIdle) = AsyncStream.makeStream()
        add(bodies)
    }

    func add(_ bodies: [String]) {
        state.withLock { state in
            for body in bodies {
                let id = "q-\(state.messages.count + state.deleted.count + state.dead.count + 1)"
                state.messages.append(SQSMessage(id: id, receiptHandle: "", body: body, receiveCount: 0, sentAt: clock.now))
            }
        }
    }

    func receive(limit: Int) async throws -> [SQSMessage] {
        let failure = state.withLock { state in
            state.limits.append(limit)
            return state.receiveFailures.isEmpty ? nil : state.receiveFailures.removeFirst()
        }
        if let failure { throw failure }
        let messages = state.withLock { take(limit, &$0) }
        if messages.isEmpty {
            becameIdle.yield()
            // A long poll, which the test's end cancels.
            try await Task.sleep(for: .seconds(3600))
        }
        return messages
    }

    private func take(_ limit: Int, _ state: inout State) -> [SQSMessage] {
        if state.messages.allSatisfy({ state.hidden.contains($0.id) }) { state.hidden = [] }
        if deadLetterQueue != nil {
            let dead = state.messages.filter { $0.receiveCount >= Self.mostReceives }.map(\.id)
            state.dead += dead
            state.messages.removeAll { dead.contains($0.id) }
        }
        var taken: [SQSMessage] = []
        for index in state.messages.indices where taken.count < limit && !state.hidden.contains(state.messages[index].id) {
            state.messages[index].receiveCount += 1
            state.hidden.insert(state.messages[index].id)
            taken.append(state.messages[index])
        }
        return taken
    }

    func delete(_ messages: [SQSMessage]) async throws -> [String] {
        try state.withLock { state in
            if state.deleteFailures > 0 {
                state.deleteFailures -= 1
                throw SQSError(code: "ServiceUnavailable", message: "m", httpStatus: 503)
            }
            let ids = messages.map(\.id)
            state.deleted += ids
            state.messages.removeAll { ids.contains($0.id) }
            return []
        }
    }

    func hide(_ messages: [SQSMessage], for delay: Duration) async throws {
        state.withLock { $0.hiddenFor.append(delay) }
    }

    func attributes() async throws -> SQSAttributes {
        try state.withLock { state in
            if state.attributeFailures > 0 {
                state.attributeFailures -= 1
                throw SQSError(code: "AccessDenied", message: "m", httpStatus: 403)
            }
            return SQSAttributes(waiting: Int64(state.messages.count), deadLetterQueue: deadLetterQueue)
        }
    }

    /// Runs a poller until the queue has nothing more.
    func drain(by poller: QueuePoller) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await poller.run() }
            var iterator = idle.makeAsyncIterator()
            _ = await iterator.next()
            group.cancelAll()
        }
    }
}

/// A database that takes no writes while it is stopped.
final class StoppableDatabase: DatabaseEngine {
    private let database: any DatabaseEngine
    private let isStopped = Mutex(false)

    init(_ database: any DatabaseEngine) {
        self.database = database
    }

    /// Lets writes fail, or work again.
    func stop(_ stopped: Bool) {
        isStopped.withLock { $0 = stopped }
    }

    var dialect: Dialect { database.dialect }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value {
        try await database.read(body)
    }

    func withWriter<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseWriter) throws -> Value) async throws -> Value {
        try await database.withWriter { [self] writer in try body(Writer(writer: writer, database: self)) }
    }

    func close() async throws { try await database.close() }

    private struct Writer: DatabaseWriter {
        let writer: any DatabaseWriter
        let database: StoppableDatabase

        func transaction<Value>(_ body: (any DatabaseTransaction) throws -> Value) throws -> Value {
            if database.isStopped.withLock({ $0 }) { throw DatabaseError(.unavailable, "no answer") }
            return try writer.transaction(body)
        }
    }
}
