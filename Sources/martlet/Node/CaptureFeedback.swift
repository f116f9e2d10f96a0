import Feedback
import Logging
import ServiceLifecycle

/// Carries the events of the capture transport to where those of SES go, a little later, as SNS would.
struct CaptureFeedback: Service {
    /// How many are taken in at once, to share the commits.
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
            // What was reported until now is still taken in.
            continuation.finish()
        }
    }

    private func ingest(_ event: [UInt8]) async {
        do {
            try await feedback.ingest(event, receipt: nil)
        } catch {
            logger.error("An event of the capture transport was lost", metadata: ["error": "\(error)"])
        }
    }
}
