/// Keeps a receiver that only fails from being called for each of the deliveries that wait for it.
///
/// After ``threshold`` failures in a row the receiver rests, a little longer each time, up to ``longestPause``. Then a few deliveries try it:
/// one success lets all of them go. Each delivery's own schedule stays as it is, and is only made longer by a rest.
package struct CallbackBreaker: Sendable, Equatable {
    package static let threshold: Int64 = 20
    package static let firstPause: Duration = .seconds(5)
    package static let longestPause: Duration = .seconds(30)
    /// How many deliveries may be under way to a receiver that keeps failing.
    package static let probes = 4

    /// Failed attempts since the last success, those aside that were under way when a rest began.
    package private(set) var failures: Int64
    package private(set) var pausedUntil: Timestamp?

    package init(failures: Int64 = 0, pausedUntil: Timestamp? = nil) {
        self.failures = failures
        self.pausedUntil = pausedUntil
    }

    /// True from the first rest to the next success.
    package var isFailing: Bool { failures >= Self.threshold }

    package mutating func recordSuccess() {
        self = CallbackBreaker()
    }

    package mutating func recordFailure(at now: Timestamp) {
        if let pausedUntil, pausedUntil > now { return }
        failures += 1
        guard isFailing else { return }
        let doublings = min(failures - Self.threshold, 10)
        let pause = min(Self.firstPause.milliseconds << doublings, Self.longestPause.milliseconds)
        pausedUntil = now + .milliseconds(pause)
    }
}
