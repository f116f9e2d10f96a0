/// When a failed attempt is made again: exponential back-off with jitter, until the email is too old (specification 6.3).
package struct RetrySchedule: Sendable, Equatable {
    /// The wait after the first failure.
    package var firstDelay: Duration = .seconds(5)
    /// Each further wait is this many times the one before.
    package var factor: Int64 = 3
    /// No wait is longer than this, jitter aside.
    package var longestDelay: Duration = .seconds(3600)
    /// The wait varies by up to this many percent either way, so that what failed together does not come back together.
    package var jitterPercent: Int64 = 20
    /// No attempt is made later than this after acceptance.
    package var maximumAge: Duration = .seconds(24 * 3600)

    package init() {}

    /// The wait before the next attempt, without jitter.
    ///
    /// - Parameter failures: how many attempts failed so far, at least 1.
    package func delay(afterFailures failures: Int) -> Duration {
        var milliseconds = firstDelay.milliseconds
        for _ in 1..<max(1, failures) where milliseconds < longestDelay.milliseconds {
            milliseconds *= factor
        }
        return .milliseconds(min(milliseconds, longestDelay.milliseconds))
    }

    /// When to try again, or `nil` when the email would be older than ``maximumAge`` by then: it is exhausted.
    ///
    /// - Parameters:
    ///   - failures: how many attempts failed so far, at least 1.
    ///   - acceptedAt: when the email was accepted, or was to be sent where that was later.
    ///   - now: when the last attempt failed.
    ///   - generator: where the jitter comes from.
    package func nextAttempt(
        afterFailures failures: Int, acceptedAt: Timestamp, now: Timestamp, using generator: inout some RandomNumberGenerator
    ) -> Timestamp? {
        let delay = delay(afterFailures: failures).milliseconds
        let jitter = delay * jitterPercent / 100
        let next = now + .milliseconds(delay + Int64.random(in: -jitter...jitter, using: &generator))
        return next - acceptedAt > maximumAge ? nil : next
    }
}
