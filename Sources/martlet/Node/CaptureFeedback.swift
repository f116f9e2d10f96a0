import Feedback
import Logging
import ServiceLifecycle

/// The service that passes the events of the capture transport to ``FeedbackService``, asynchronously, as SNS does with those of SES.
struct CaptureFeedback: Service {
    /// The number of events that are processed concurrently, so that they share commits.
    private static let concurrency = 64

    private let feedback: FeedbackService
    private let logger: Logger
    private let events: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation

    init(_ feedback: FeedbackService, logger: Logger) {
        self.feedback = feedback
        self.logger = logger
        (events, continuation) = AsyncStream.makeStream()
    }

    /// Queues an event, in the JSON of SES.
    func report(_ event: [UInt8]) {
        continuation.yield(event)
    }

    func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                var underWay = 0
                for await event in events {
                    if underWay == Self.concurrency { await group.next() } else { underWay += 1 }
                    group.addTask { await ingest(event) }
                }
            }
        } onGracefulShutdown: {
            // Events that were reported before are still processed.
            continuation.finish()
        }
    }

    private func ingest(_ event: [UInt8]) async {
        do {
            try await feedback.ingest(event, receipt: nil)
        } catch {
            logger.error("An event of the capture transport could not be processed", metadata: ["error": "\(error)"])
        }
    }
}
