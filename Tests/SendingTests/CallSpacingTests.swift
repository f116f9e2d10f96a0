import Testing

@testable import Sending

struct CallSpacingTests {
    private let start = ContinuousClock.now
    private var never: ContinuousClock.Instant { start + .seconds(86_400) }

    @Test func `delayed calls begin one window apart`() {
        var spacing = CallSpacing()
        let waits = (0..<25).map { _ in spacing.plan(limit: 10, at: start, notAfter: never) }
        #expect(waits.prefix(10).allSatisfy { $0 == .zero })
        #expect(waits[10..<20].allSatisfy { $0 == SendRateLimiter.window })
        #expect(waits[20...].allSatisfy { $0 == SendRateLimiter.window + SendRateLimiter.window })
    }

    @Test func `evenly spaced calls do not wait`() {
        var spacing = CallSpacing()
        let waits = (0..<100).map { spacing.plan(limit: 10, at: start + .milliseconds($0 * 102), notAfter: never) }
        #expect(waits.allSatisfy { $0 == .zero })
    }

    @Test func `a smaller limit counts earlier calls`() {
        var spacing = CallSpacing()
        for _ in 0..<10 { _ = spacing.plan(limit: 10, at: start, notAfter: never) }
        #expect(spacing.plan(limit: 2, at: start + .milliseconds(500), notAfter: never) == SendRateLimiter.window - .milliseconds(500))
    }

    @Test func `a call that would begin too late is not planned`() {
        var spacing = CallSpacing()
        for _ in 0..<10 { _ = spacing.plan(limit: 10, at: start, notAfter: never) }
        #expect(spacing.plan(limit: 10, at: start, notAfter: start + SendRateLimiter.window - .milliseconds(1)) == nil)
        #expect(spacing.plan(limit: 10, at: start, notAfter: start + SendRateLimiter.window) == SendRateLimiter.window)
        // What was refused has taken no place before it.
        for _ in 0..<9 { #expect(spacing.plan(limit: 10, at: start, notAfter: never) == SendRateLimiter.window) }
    }
}
