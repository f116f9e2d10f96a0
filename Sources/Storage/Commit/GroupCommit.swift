package import CoreMetrics
package import Database
import Synchronization

/// Lets many concurrent commands share one durable transaction.
///
/// Syncing a commit to the disk costs far more than the few rows a command writes. So while one batch is being committed the commands that
/// arrive wait together, and form the next batch: under load batches grow by themselves, and a lone command waits for nobody.
///
/// - Commands run one after the other in the order of their submission, each seeing what those before it wrote.
/// - A command is answered after the commit of its batch, never before.
/// - A command that throws fails alone: its batch is rolled back and run again with each command in a savepoint of its own.
///   A command may therefore run more than once, and must have no effects but those on the database.
/// - A step of housekeeping never shares a transaction with commands: it has a session of its own or, on an engine with one writer, goes between
///   two batches.
/// - The queue is bounded: what does not fit is refused at once with ``StorageError/overloaded``. While a batch takes
///   very long, because the database does not answer, the first that comes is refused with all that wait: nobody waits for an unknown time.
package final class GroupCommit<Context>: Sendable {
    /// Opens a context on the transaction of a batch, whose commands intend this.
    private let begin: @Sendable (any DatabaseTransaction, [WriteIntent]) throws -> Context
    /// Writes what the context holds back until the end of the batch.
    private let finish: @Sendable (Context) throws -> Void
    /// What is to be done once what the context wrote is committed.
    private let afterCommit: @Sendable (Context) -> @Sendable () -> Void
    private let database: any DatabaseEngine
    private let capacity: Int
    private let largestBatch: Int
    private let patience: Duration
    private let health: WriteHealth
    private let metrics: CommitMetrics
    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: how many commands may wait.
    ///   - largestBatch: how many commands share a transaction at the most.
    ///   - patience: how long a batch may take before what arrives is refused.
    ///   - health: what is told whether commits succeed.
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

    /// What waits for the writer, and whether it is at work.
    package struct State {
        package enum Next {
            case refuse, wait, drain
            /// These have waited too long, and the new one would.
            case giveUp([Command])
        }

        var waiting: [Command] = []
        /// Steps of housekeeping that wait for the writer.
        var steps: [Command] = []
        /// Batches and steps take turns.
        var wasStep = false
        var isDraining = false
        /// Since when the present batch is under way.
        var batchBeganAt = ContinuousClock.now

        package init() {}

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

        /// - Returns: whether somebody has to begin draining.
        package mutating func addStep(_ step: Command) -> Bool {
            steps.append(step)
            guard !isDraining else { return false }
            batchBeganAt = .now
            isDraining = true
            return true
        }

        /// The commands of the next batch, or a step on its own; `nil` ends the draining.
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

    /// A command and the caller who waits for it.
    package struct Command: Sendable {
        package let intent: WriteIntent
        /// Runs the command, and gives back how to tell its caller of the success.
        let run: @Sendable (Context) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void

        /// - Parameter answer: called once, with what came of it.
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

    /// How many commands wait for a batch.
    package var waiting: Int {
        state.withLock { $0.waiting.count }
    }

    /// Runs `body` in the next batch.
    ///
    /// - Returns: what `body` returned, once that is durable.
    /// - Throws: what `body` threw, ``StorageError/overloaded``, or what the database could not do.
    package func submit<Value: Sendable>(
        _ intent: WriteIntent = .none, _ body: @escaping @Sendable (Context) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(Command(intent, body) { continuation.resume(with: $0) })
        }
    }

    /// Runs a step of housekeeping: in a session of its own where there are several writers, else on the writer between two batches.
    ///
    /// Commands wait for a step at the most as long as for a batch, as long as the step is no larger than one.
    ///
    /// - Throws: what `body` threw, or what the database could not do; nothing of the step stays then.
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
        // Unstructured: the batch serves many callers, and must not end with the one that happened to come first.
        case .drain: Task { await drain() }
        }
    }

    private func refuse(_ commands: [Command]) {
        metrics.countRefused(commands.count)
        for command in commands { command.fail(StorageError.overloaded) }
    }

    /// Commits batch after batch without leaving the writer's thread, until nobody waits.
    private func drain() async {
        do {
            try await database.withWriter { [self] writer in
                while let batch = state.withLock({ $0.next(largestBatch) }) {
                    commit(batch, by: writer)
                }
            }
        } catch {
            // There is no writer to be had.
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

    /// - Returns: how to tell the callers what came of it.
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

    /// One of the commands failed: finds out which, and commits the others.
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

    /// Runs a command in a savepoint, and gives back how to tell its caller what came of it.
    private func answer(to command: Command, in transaction: any DatabaseTransaction) throws -> @Sendable () -> Void {
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
        } catch {
            return { command.fail(error) }
        }
    }
}
