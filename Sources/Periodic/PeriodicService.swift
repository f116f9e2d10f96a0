package import ServiceLifecycle

/// A service that runs rounds, with a pause after each, until the program stops.
package protocol PeriodicService: Service {
    /// Runs one round. Failures are logged by the round and left to the next one.
    ///
    /// - Returns: the pause before the next round.
    /// - Throws: `CancellationError`, which ends the service.
    func round() async throws -> Duration
}

extension PeriodicService {
    /// Runs rounds until the program stops.
    package func run() async throws {
        await repeatRounds()
    }

    /// Runs rounds until the program stops, for a ``run()`` that does something after the last one.
    package func repeatRounds() async {
        // A graceful shutdown cancels the round or pause under way: an error is the end, and no failure.
        try? await cancelWhenGracefulShutdown {
            while true {
                let pause = try await round()
                try await Task.sleep(for: pause)
            }
        }
    }
}
