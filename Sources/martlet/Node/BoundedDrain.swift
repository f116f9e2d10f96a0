import ServiceLifecycle

/// Gives a service a bounded time to end by itself once the program stops, then cancels it: one request that never ends must not take the
/// time that the others need.
struct BoundedDrain<Drained: Service>: Service {
    private let service: Drained
    private let bound: Duration

    init(_ service: Drained, atMost bound: Duration) {
        self.service = service
        self.bound = bound
    }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: bound)
            }
            // Whichever ends first: the service, or its time.
            try await group.next()
            group.cancelAll()
        }
    }
}
