package import CoreMetrics
package import Database
import Synchronization

/// The group commit: many concurrent commands share one durable transaction.
///
/// Syncing a commit to the disk costs far more than the few rows that a command writes. So the commands that arrive while a batch is being
/// committed form the next batch: under load batches grow by themselves, and a single command does not wait.
///
/// - Commands run one after the other in the order of their submission, and each sees the changes of those before it.
/// - A command is answered after the commit of its batch, never before.
/// - A command that throws fails alone: its batch is rolled back and run again with each command in a savepoint of its own.
///   A command may therefore run more than once, and must have no effects but those on the database.
/// - A step of housekeeping never shares a transaction with commands: it has a session of its own or, on an engine with one writer, goes between
///   two batches.
/// - The queue is bounded: further commands are refused at once with ``StorageError/overloaded``. While a batch takes very long, because the
///   database does not answer, the next command is refused with all that wait, so that none waits for an unknown time.
package final class GroupCommit<Context>: Sendable {
    /// Creates the context of a batch on its transaction.
    private let begin: @Sendable (any DatabaseTransaction, [WriteIntent]) throws -> Context
    /// Writes the pending changes of the context.
    private let finish: @Sendable (Context) throws -> Void
    /// Returns what is to be done after the commit.
    private let afterCommit: @Sendable (Context) -> @Sendable () -> Void
    private let database: any DatabaseEngine
    private let capacity: Int
    private let largestBatch: Int
    private let patience: Duration
    private let health: WriteHealth
    private let metrics: CommitMetrics
    private let state = Mutex(State())

    /// A group commit on a database.
    ///
    /// - Parameters:
    ///   - capacity: the most commands that may wait.
    ///   - largestBatch: the most commands that share a transaction.
    ///   - patience: how long a batch may take before further commands are refused.
    ///   - health: where the success of commits is recorded.
    ///   - metrics: where commits are counted.
    ///   - begin: creates the context of a batch, from the intents of its commands.
    ///   - finish: writes the pending changes of a context.
    ///   - afterCommit: returns what is to be done after the commit.
    package init(
        database: any DatabaseEngine, capacity: Int, largestBatch: Int, patience: Duration = .seconds(5),
        health: WriteHealth = WriteHealth(), metrics: any MetricsFactory = MetricsSystem.factory,
        begin: @escaping @Sendable (any DatabaseTransaction, [WriteIntent]) throws -> Context,
        finish: @escaping @Sendable (Context) throws -> Void,
        afterCommit: @escaping @Sendable (Context) -> @Sendable () -> Void = { _ in {} }
    ) {
        self.database = database
        self.capacity = capacity
        self.largestBatch = largestBatch
        self.patience = patience
        self.health = health
        self.metrics = CommitMetrics(metrics)
        self.begin = begin
        self.finish = finish
        self.afterCommit = afterCommit
    }

    /// The commands and steps that wait for the writer, as a pure state machine.
    package struct State {
        /// What is done with a command.
        package enum Next {
            /// It is refused: the queue is full.
            case refuse
            /// It waits for its batch.
            case wait
            /// It waits, and the caller has to start draining.
            case drain
            /// These have waited too long, and are refused with the new one.
            case giveUp([Command])
        }

        var waiting: [Command] = []
        /// Steps of housekeeping that wait for the writer.
        var steps: [Command] = []
        /// Batches and steps take turns.
        var wasStep = false
        var isDraining = false
        /// When the present batch began.
        var batchBeganAt = ContinuousClock.now

        /// A state in which nothing waits.
        package init() {}

        /// Adds a command to the queue.
        package mutating func add(_ command: Command, capacity: Int, patience: Duration) -> Next {
            guard waiting.count < capacity else { return .refuse }
            if isDraining {
                guard batchBeganAt.duration(to: .now) < patience else {
                    defer { waiting = [] }
                    return .giveUp(waiting + [command])
                }
                waiting.append(command)
                return .wait
            }
            waiting.append(command)
            batchBeganAt = .now
            isDraining = true
            return .drain
        }

        /// Adds a step of housekeeping.
        ///
        /// - Returns: whether the caller has to start draining.
        package mutating func addStep(_ step: Command) -> Bool {
            steps.append(step)
            guard !isDraining else { return false }
            batchBeganAt = .now
            isDraining = true
            return true
        }

        /// Returns the commands of the next batch, or a step alone; `nil` ends the draining.
        package mutating func next(_ largestBatch: Int) -> [Command]? {
            guard !waiting.isEmpty || !steps.isEmpty else {
                isDraining = false
                return nil
            }
            batchBeganAt = .now
            wasStep = !steps.isEmpty && (waiting.isEmpty || !wasStep)
            if wasStep { return [steps.removeFirst()] }
            let batch = Array(waiting.prefix(largestBatch))
            waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// A command and the continuation of its caller.
    package struct Command: Sendable {
        /// The rows that it is going to change.
        package let intent: WriteIntent
        /// Runs the command, and returns how to resume its caller.
        let run: @Sendable (Context) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void

        /// A command.
        ///
        /// - Parameter answer: called once, with the result.
        package init<Value: Sendable>(
            _ intent: WriteIntent, _ body: @escaping @Sendable (Context) throws -> Value,
            answer: @escaping @Sendable (Result<Value, any Error>) -> Void
        ) {
            self.intent = intent
            run = { context in
                let value = try body(context)
                return { answer(.success(value)) }
            }
            fail = { answer(.failure($0)) }
        }
    }

    /// The number of commands that wait for a batch.
    package var waiting: Int {
        state.withLock { $0.waiting.count }
    }

    /// Runs `body` in the next batch.
    ///
    /// - Returns: what `body` returned, once that is durable.
    /// - Throws: what `body` threw, ``StorageError/overloaded``, or `DatabaseError`.
    package func submit<Value: Sendable>(
        _ intent: WriteIntent = .none, _ body: @escaping @Sendable (Context) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit(intent, body) { continuation.resume(with: $0) }
        }
    }

    /// Runs `body` in the next batch, without a task.
    ///
    /// - Parameter answer: called once, on the writer's thread: with what `body` returned, once that is durable, or with the error.
    package func submit<Value: Sendable>(
        _ intent: WriteIntent, _ body: @escaping @Sendable (Context) throws -> Value,
        answer: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        enqueue(Command(intent, body, answer: answer))
    }

    /// Runs a step of housekeeping: in a session of its own where there are several writers, else on the writer between two batches.
    ///
    /// Commands wait for a step no longer than for a batch, if the step is no larger than one.
    ///
    /// - Throws: what `body` threw, or `DatabaseError`; the step is rolled back then.
    func step<Value: Sendable>(_ body: @escaping @Sendable (Context) throws -> Value) async throws -> Value {
        guard database.dialect.hasOneWriter else { return try await runApart(body) }
        return try await withCheckedThrowingContinuation { continuation in
            let step = Command(.none, body) { continuation.resume(with: $0) }
            // Unstructured, as in `enqueue`.
            if state.withLock({ $0.addStep(step) }) { Task { await drain() } }
        }
    }

    private func runApart<Value: Sendable>(_ body: @escaping @Sendable (Context) throws -> Value) async throws -> Value {
        let (value, done) = try await database.withWriter { [begin, finish, afterCommit] writer in
            try writer.transaction { transaction in
                let context = try begin(transaction, [])
                let value = try body(context)
                try finish(context)
                return (value, afterCommit(context))
            }
        }
        done()
        return value
    }

    private func enqueue(_ command: Command) {
        switch state.withLock({ $0.add(command, capacity: capacity, patience: patience) }) {
        case .refuse: refuse([command])
        case .giveUp(let commands): refuse(commands)
        case .wait: break
        // Unstructured: the batch serves many callers, and must not be cancelled with the first of them.
        case .drain: Task { await drain() }
        }
    }

    private func refuse(_ commands: [Command]) {
        metrics.countRefused(commands.count)
        for command in commands { command.fail(StorageError.overloaded) }
    }

    /// Commits batch after batch on the writer's thread, until no command waits.
    private func drain() async {
        do {
            try await database.withWriter { [self] writer in
                while let batch = state.withLock({ $0.next(largestBatch) }) {
                    commit(batch, by: writer)
                }
            }
        } catch {
            // There is no writer.
            if let error = error as? DatabaseError { health.failed(error) }
            while let batch = state.withLock({ $0.next(largestBatch) }) {
                for command in batch { command.fail(error) }
            }
        }
    }

    private func commit(_ batch: [Command], by writer: any DatabaseWriter) {
        let start = ContinuousClock.now
        let answers = run(batch, by: writer)
        metrics.record(batch.count, since: start)
        for answer in answers { answer() }
    }

    /// - Returns: how to resume the callers.
    private func run(_ batch: [Command], by writer: any DatabaseWriter) -> [@Sendable () -> Void] {
        do {
            let (answers, done) = try writer.transaction { transaction in
                let context = try begin(transaction, batch.map(\.intent))
                let answers = try batch.map { try $0.run(context) }
                try finish(context)
                return (answers, afterCommit(context))
            }
            health.succeeded()
            done()
            return answers
        } catch let error as DatabaseError where error.isTemporary {
            health.failed(error)
            return batch.map { command in { command.fail(error) } }
        } catch {
            return runApart(batch, by: writer)
        }
    }

    /// Runs a batch again of which a command has failed: commits the others.
    private func runApart(_ batch: [Command], by writer: any DatabaseWriter) -> [@Sendable () -> Void] {
        metrics.countApart()
        do {
            let answers = try writer.transaction { transaction in
                // For its locks alone: each command has a context of its own, which reads what this one writes.
                try finish(begin(transaction, batch.map(\.intent)))
                return try batch.map { try answer(to: $0, in: transaction) }
            }
            health.succeeded()
            return answers
        } catch {
            if let error = error as? DatabaseError { health.failed(error) }
            return batch.map { command in { command.fail(error) } }
        }
    }

    /// How often a command is run again whose rows a constraint has refused: the ids of its new rows may be taken, and each run makes others.
    private static var repetitions: Int { 4 }

    /// Runs a command in a savepoint, and returns how to resume its caller.
    private func answer(
        to command: Command, in transaction: any DatabaseTransaction, repetitions: Int = repetitions
    ) throws -> @Sendable () -> Void {
        do {
            return try transaction.savepoint {
                let context = try begin(transaction, [])
                let answer = try command.run(context)
                try finish(context)
                let done = afterCommit(context)
                return {
                    done()
                    answer()
                }
            }
        } catch let error as DatabaseError where error.isTemporary {
            throw error
        } catch let error as DatabaseError where error.code == .constraint && repetitions > 0 {
            return try answer(to: command, in: transaction, repetitions: repetitions - 1)
        } catch {
            return { command.fail(error) }
        }
    }
}
