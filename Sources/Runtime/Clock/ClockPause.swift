package import Periodic
package import Storage

/// A periodic service that waits while this node takes no work of its own (``Store/isWorkPaused``). A round that has begun goes on.
package struct ClockPause: PeriodicService {
    private static let interval: Duration = .seconds(1)

    private let service: any PeriodicService
    private let store: Store

    package init(_ service: any PeriodicService, store: Store) {
        self.service = service
        self.store = store
    }

    package func round() async throws -> Duration {
        store.isWorkPaused ? Self.interval : try await service.round()
    }
}
