package import ServiceLifecycle

/// A service that does the same again and again until the program stops.
package protocol PeriodicService: Service {
    /// Does what is due. What fails is logged, and the next round's business.
    ///
    /// - Returns: how long to wait before the next round.
    /// - Throws: only when it was cancelled.
    func round() async throws -> Duration
}

extension PeriodicService {
    package func run() async throws {
        await repeatRounds()
    }

    /// What ``run()`` does, for a service that has something left to do at its end.
    package func repeatRounds() async {
        // The cancellation that ends a pause is the shutdown that was asked for.
        try? await cancelWhenGracefulShutdown {
            while true {
                let pause = try await round()
                try await Task.sleep(for: pause)
            }
        }
    }
}
