import AmazonSES
package import CoreMetrics
package import Logging
import ServiceLifecycle
package import Storage

/// The service that takes the events of SES out of a queue of SQS (specification 4.7): role `feedback`.
///
/// Each poll asks for ten messages, takes them in and deletes them; how many are under way at once follows the load (``PollBalance``). While the
/// queue or the database does not answer, nothing is asked for: a message counts each receipt, and after some its dead-letter queue gets it.
package final class QueuePoller: Service {
    /// What is measured of the queue.
    package let status: QueueStatus
    private let queue: any MessageQueue
    private let receiver: QueueReceiver
    private let store: Store
    private let logger: Logger
    private let mostPolls: Int
    private let pause: @Sendable (Duration) async -> Void

    /// The most polls under way at once: at 50 ms each, 4,800 events a second.
    package static let mostPolls = 24

    /// Creates a poller.
    ///
    /// - Parameter maximumReceives: after how many receipts a message that cannot be read is kept among the unmatched events.
    package convenience init(
        _ queue: any MessageQueue, store: Store, feedback: FeedbackService, maximumReceives: Int, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(
            queue, store: store, feedback: feedback, maximumReceives: maximumReceives, mostPolls: Self.mostPolls, logger: logger,
            metrics: metrics
        ) { duration in
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: duration) }
        }
    }

    /// - Parameter pause: waits after a failure.
    init(
        _ queue: any MessageQueue, store: Store, feedback: FeedbackService, maximumReceives: Int, mostPolls: Int, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, pause: @escaping @Sendable (Duration) async -> Void
    ) {
        self.queue = queue
        self.store = store
        self.mostPolls = mostPolls
        self.logger = logger
        self.pause = pause
        status = QueueStatus(of: queue.name, metrics) { store.now }
        receiver = QueueReceiver(
            queue: queue, feedback: feedback, maximumReceives: maximumReceives, status: status, logger: logger)
    }

    /// What became of a poll.
    private enum Outcome: Sendable {
        /// It brought so many messages, of as many as it asked for.
        case messages(Int, of: Int)
        /// The database did not take them.
        case storageFailed
        case queueFailed(reason: String, isTooLarge: Bool)
        case stopped
    }

    /// Polls until the program stops.
    ///
    /// Polls under way are given up then, and messages that they brought are taken in.
    package func run() async {
        var balance = PollBalance(maximum: mostPolls)
        var backoff = Backoff()
        await withTaskGroup(of: Outcome.self) { group in
            var running = 0
            while !isStopping {
                while running < balance.wanted {
                    group.addTask { [limit = balance.limit] in await self.poll(limit) }
                    running += 1
                }
                guard let outcome = await group.next() else { return }
                running -= 1
                await settle(outcome, &balance, &backoff)
            }
        }
    }

    private var isStopping: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

    private func settle(_ outcome: Outcome, _ balance: inout PollBalance, _ backoff: inout Backoff) async {
        switch outcome {
        case .stopped: break
        case .messages(let count, of: let asked):
            status.count(.answered)
            if count == 0 { status.sawEmpty() }
            if backoff.isWaiting { logger.notice("The queue answers again", metadata: ["sqs.queue": "\(queue.name)"]) }
            backoff.reset()
            balance.received(count, of: asked)
        case .storageFailed:
            status.count(.answered)
            balance.failed(isTooLarge: false)
            await waitForStorage()
        case .queueFailed(let reason, let isTooLarge):
            status.count(.failed)
            balance.failed(isTooLarge: isTooLarge)
            logger.log(
                level: backoff.isWaiting ? .info : .warning, "The queue could not be polled, trying again",
                metadata: ["sqs.queue": "\(queue.name)", "sqs.reason": "\(reason)"])
            await pause(backoff.next())
        }
    }

    /// Waits until the database takes writes.
    private func waitForStorage() async {
        var backoff = Backoff()
        while !isStopping {
            await pause(backoff.next())
            guard await store.readiness().contains(where: { $0.problem != nil }) else { return }
        }
    }

    private func poll(_ limit: Int) async -> Outcome {
        let messages: [SQSMessage]
        do {
            messages = try await cancelWhenGracefulShutdown { try await self.queue.receive(limit: limit) }
        } catch {
            if isStopping { return .stopped }
            return .queueFailed(reason: "\(error)", isTooLarge: (error as? SQSError)?.isTooLarge ?? false)
        }
        guard await receiver.receive(messages) else { return .storageFailed }
        return .messages(messages.count, of: limit)
    }
}
