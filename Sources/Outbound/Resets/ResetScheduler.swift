public import Logging
import MailModel
public import ServiceLifecycle
public import Storage

/// Rolls every domain into the new day and month at midnight UTC (contract section 3), once however many nodes run it.
///
/// Counters roll by themselves when they are looked at. This does it for the domains that nobody looks at, so that their months are frozen
/// for the bill and their days stand in the history. With `resets.mode = external` it is not started. After downtime it catches up at its start;
/// it never takes away what was counted since midnight.
public struct ResetScheduler: Service {
    private let store: Store
    private let logger: Logger
    private let pause: @Sendable (Duration) async throws -> Void

    private static let job = "roll-counters"
    /// How long it sleeps at a time: a clock that was set is noticed this late.
    private static let longestPause = Duration.seconds(600)
    private static let retryAfter = Duration.seconds(30)

    /// - Parameter pause: how to wait; a test passes its own.
    public init(
        store: Store, logger: Logger,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.store = store
        self.logger = logger
        self.pause = pause
    }

    public func run() async throws {
        // The cancellation that ends a pause is the shutdown that was asked for.
        try? await cancelWhenGracefulShutdown {
            while true {
                try await pause(await rollIfDue())
            }
        }
    }

    /// Does what is due.
    ///
    /// - Returns: when to come again.
    func rollIfDue() async -> Duration {
        do {
            let isOurs = try await store.write { context in
                let isOurs = try context.claimDailyRun(of: Self.job)
                if isOurs { try context.freezeEndedMonths() }
                return isOurs
            }
            if isOurs { logger.info("Counters rolled into the new day") }
            let now = store.now
            return min(now.day.next.start - now, Self.longestPause)
        } catch {
            logger.error("Counters not rolled, trying again", metadata: ["error": "\(error)"])
            return Self.retryAfter
        }
    }
}
