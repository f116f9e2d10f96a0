/// The schedule of a callback's attempts (specification 7.1).
package enum CallbackSchedule {
    /// The waits after the first failed attempt, the second, ….
    package static let delays: [Duration] = [
        .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600), .seconds(10 * 3600), .seconds(10 * 3600),
    ]

    /// From the first attempt to the last: 27 hours, 35 minutes and 5 seconds.
    package static let span = delays.reduce(.zero, +)

    /// Returns when to try again; `nil` after the last attempt: the delivery is parked.
    ///
    /// - Parameters:
    ///   - failures: how many attempts failed so far, at least 1.
    ///   - now: when the last one failed.
    package static func nextAttempt(afterFailures failures: Int, now: Timestamp) -> Timestamp? {
        delays.indices.contains(failures - 1) ? now + delays[failures - 1] : nil
    }
}

/// The circuit breaker of a receiver: one that only fails is not called for each of the deliveries that wait for it.
///
/// After ``threshold`` failures in a row the receiver is paused, longer each time, up to ``longestPause``. Then a few deliveries probe it:
/// the first success ends the pauses. The schedule of each delivery stays as it is, and is only delayed by a pause.
package struct CallbackBreaker: Sendable, Equatable {
    /// How many failures in a row cause the first pause.
    package static let threshold: Int64 = 20
    /// The length of the first pause; each further one is twice as long.
    package static let firstPause: Duration = .seconds(5)
    /// The longest pause.
    package static let longestPause: Duration = .seconds(30)
    /// How many deliveries may be under way to a receiver that keeps failing.
    package static let probes = 4

    /// Failed attempts since the last success, without those that were under way when a pause began.
    package private(set) var failures: Int64
    /// The end of the present pause; `nil` where none was made.
    package private(set) var pausedUntil: Timestamp?

    /// A breaker as it was stored; without arguments, one of a receiver that works.
    package init(failures: Int64 = 0, pausedUntil: Timestamp? = nil) {
        self.failures = failures
        self.pausedUntil = pausedUntil
    }

    /// Whether the receiver is paused or probed: from the first pause to the next success.
    package var isFailing: Bool { failures >= Self.threshold }

    /// Records a success: the receiver works.
    package mutating func recordSuccess() {
        self = CallbackBreaker()
    }

    /// Records a failed attempt.
    ///
    /// One that was under way when a pause began does not count.
    package mutating func recordFailure(at now: Timestamp) {
        if let pausedUntil, pausedUntil > now { return }
        failures += 1
        guard isFailing else { return }
        let doublings = min(failures - Self.threshold, 10)
        let pause = min(Self.firstPause.milliseconds << doublings, Self.longestPause.milliseconds)
        pausedUntil = now + .milliseconds(pause)
    }
}
