import MailModel
import TestSupport
import Testing

struct RetryScheduleTests {
    private let accepted = Timestamp(milliseconds: 1_700_000_000_000)

    @Test(arguments: [(0, 5), (1, 5), (2, 15), (3, 45), (4, 135), (5, 405), (6, 1215), (7, 3600), (8, 3600), (1_000_000, 3600)])
    func `Delays triple up to an hour`(failures: Int, seconds: Int64) {
        #expect(RetrySchedule().delay(afterFailures: failures) == .seconds(seconds))
    }

    @Test(arguments: [(1 << 40, 4_000), (UInt64.max, 6_000)] as [(UInt64, Int64)])
    func `Jitter is 20 % either way`(random: UInt64, milliseconds: Int64) {
        var generator = ConstantGenerator(value: random)
        let next = RetrySchedule().nextAttempt(afterFailures: 1, acceptedAt: accepted, now: accepted, using: &generator)
        #expect(next == accepted + .milliseconds(milliseconds))
    }

    @Test func `Jitter stays within its bounds and varies`() {
        var generator = SeededGenerator(seed: 3)
        let waits = (0..<1000).compactMap { _ in
            RetrySchedule().nextAttempt(afterFailures: 2, acceptedAt: accepted, now: accepted, using: &generator).map { $0 - accepted }
        }
        #expect(waits.count == 1000)
        #expect(waits.allSatisfy { Duration.seconds(12) <= $0 && $0 <= Duration.seconds(18) })
        #expect(Set(waits).count > 100)
    }

    @Test func `An attempt at the maximum age is made, a millisecond later it is exhausted`() {
        var schedule = RetrySchedule()
        schedule.jitterPercent = 0
        var generator = SeededGenerator(seed: 4)
        let last = accepted + .seconds(24 * 3600 - 5)
        #expect(
            schedule.nextAttempt(afterFailures: 1, acceptedAt: accepted, now: last, using: &generator) == accepted + .seconds(24 * 3600))
        #expect(schedule.nextAttempt(afterFailures: 1, acceptedAt: accepted, now: last + .milliseconds(1), using: &generator) == nil)
    }

    @Test func `A day of failures is about thirty attempts, then exhausted`() {
        var generator = SeededGenerator(seed: 5)
        var attempts = 1
        var now = accepted
        while let next = RetrySchedule().nextAttempt(afterFailures: attempts, acceptedAt: accepted, now: now, using: &generator) {
            now = next
            attempts += 1
        }
        #expect((25...38).contains(attempts))
    }
}

struct AttemptLeaseTests {
    private let start = ContinuousClock.now

    @Test(arguments: [(0, true, false), (30, true, false), (31, false, false), (59, false, false), (60, false, true)])
    func aCallBeginsInTheFirstHalfOfTheLease(seconds: Int, allowsCall: Bool, isOver: Bool) {
        let lease = AttemptLease(claimedAt: start, length: .seconds(60))
        #expect(lease.allowsCall(at: start + .seconds(seconds)) == allowsCall)
        #expect(lease.isOver(at: start + .seconds(seconds)) == isOver)
    }
}

/// Returns the same number always: a small one draws the lowest of a range, `.max` the highest.
///
/// With 0, `random(in:)` does not end.
struct ConstantGenerator: RandomNumberGenerator {
    var value: UInt64

    mutating func next() -> UInt64 { value }
}
