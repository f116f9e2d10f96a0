import MailModel
import Testing

@testable import Access

struct FailureThrottleTests {
    @Test func `many addresses displace the oldest count alone`() {
        let now = Timestamp(milliseconds: 1_780_000_000_000)
        var throttle = FailureThrottle()
        for number in 0..<FailureThrottle.capacity - 1 { _ = throttle.recordFailure(of: "other \(number)", at: now) }
        for _ in 1...FailureThrottle.limit { #expect(throttle.recordFailure(of: "guesser", at: now) == nil) }
        for _ in 1...FailureThrottle.limit { _ = throttle.recordFailure(of: "other 0", at: now) }
        #expect(throttle.recordFailure(of: "other 0", at: now) == 60)
        // Displaces other 0, whose window began first.
        _ = throttle.recordFailure(of: "new", at: now)
        #expect(throttle.recordFailure(of: "guesser", at: now + .seconds(1)) == 59)
        #expect(throttle.recordFailure(of: "other 0", at: now) == nil)
    }
}
