/// The lease of an email that was claimed for an attempt, as its holder may rely on it: in monotonic time, counted from before the claim was
/// sent, so that it ends no later than the lease in the database.
package struct AttemptLease: Sendable, Equatable {
    /// The latest moment at which a call to the provider may begin: half of the lease is reserved for the call and for recording its outcome.
    package let lastStart: ContinuousClock.Instant
    /// When another node may take the email over.
    package let end: ContinuousClock.Instant

    /// The lease of a claim.
    ///
    /// - Parameters:
    ///   - time: before the claim was sent to the database.
    ///   - length: how long the claim holds.
    package init(claimedAt time: ContinuousClock.Instant, length: Duration) {
        lastStart = time + length / 2
        end = time + length
    }

    /// Whether a call may begin.
    package func allowsCall(at now: ContinuousClock.Instant) -> Bool {
        now <= lastStart
    }

    /// Whether another node may have taken the email over.
    package func isOver(at now: ContinuousClock.Instant) -> Bool {
        now >= end
    }
}

/// How an attempt to hand an email to the provider ended (specification 6.3).
package enum SendOutcome: Sendable, Equatable {
    /// The provider has it, under this id of its own.
    case sent(messageID: String)
    /// It failed; the next attempt is due at this time.
    case retry(at: Timestamp, explanation: String)
    /// The connection broke after the request was sent, so that the provider may have the email. Its events can settle that until this time.
    case unknown(until: Timestamp, explanation: String)
    /// The provider accepts nothing at present; the attempt does not count.
    case paused(until: Timestamp, explanation: String)
    /// It ended for good, in this status.
    case ended(EmailStatus, explanation: String)

    /// The provider's id.
    package var messageID: String? {
        if case .sent(let messageID) = self { messageID } else { nil }
    }
}

/// The schedule of attempts after a failed one: exponential back-off with jitter, until the email is too old (specification 6.3).
package struct RetrySchedule: Sendable, Equatable {
    /// The wait after the first failure.
    package var firstDelay: Duration = .seconds(5)
    /// Each further wait is this many times the one before.
    package var factor: Int64 = 3
    /// No wait is longer than this, jitter aside.
    package var longestDelay: Duration = .seconds(3600)
    /// The wait varies by up to this many percent either way, so that emails that failed together are not retried together.
    package var jitterPercent: Int64 = 20
    /// No attempt is made later than this after acceptance.
    package var maximumAge: Duration = .seconds(24 * 3600)

    /// The default schedule.
    package init() {}

    /// Returns the wait before the next attempt, without jitter.
    ///
    /// - Parameter failures: how many attempts failed so far, at least 1.
    package func delay(afterFailures failures: Int) -> Duration {
        var milliseconds = firstDelay.milliseconds
        for _ in 1..<max(1, failures) where milliseconds < longestDelay.milliseconds {
            milliseconds *= factor
        }
        return .milliseconds(min(milliseconds, longestDelay.milliseconds))
    }

    /// Returns when to try again; `nil` when the email would be older than ``maximumAge`` by then: it is exhausted.
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
