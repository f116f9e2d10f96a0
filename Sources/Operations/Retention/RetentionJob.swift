public import Logging
public import ServiceLifecycle
public import Storage

/// Deletes what is older than it has to be, in small steps in the background.
public struct RetentionJob: Service {
    private static let rowsPerStep = 500
    private static let interval: Duration = .seconds(600)
    /// Between two steps, so that the commands of clients come in between.
    private static let breath: Duration = .milliseconds(50)

    private let store: Store
    private let periods: RetentionPeriods
    private let logger: Logger

    public init(store: Store, periods: RetentionPeriods = RetentionPeriods(), logger: Logger) {
        self.store = store
        self.periods = periods
        self.logger = logger
    }

    public func run() async throws {
        // The cancellation that ends a pause is the shutdown that was asked for.
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: await step() ? Self.breath : Self.interval)
            }
        }
    }

    /// - Returns: true while there is more to delete.
    private func step() async -> Bool {
        do {
            return try await store.write { [periods] in try $0.prune(periods, limit: Self.rowsPerStep) } >= Self.rowsPerStep
        } catch {
            logger.error("Old rows were not deleted, trying again", metadata: ["error": "\(error)"])
            return false
        }
    }
}
