import MailModel
import Testing

@testable import Access

struct AuthenticationThrottleTests {
    typealias Attempt = AuthenticationThrottle.Attempt

    private static let start = ContinuousClock.now

    private static func attempt(_ token: String, from address: String = "192.0.2.1") -> Attempt {
        Attempt(token: TokenHash(token), network: ClientNetwork(address))
    }

    /// A throttle in which a network has failed as often as it may.
    private static func limited(_ address: String = "192.0.2.1", since start: ContinuousClock.Instant = start) -> AuthenticationThrottle {
        var throttle = AuthenticationThrottle()
        for _ in 1...AuthenticationThrottle.limit { _ = throttle.recordFailure(of: ClientNetwork(address), at: start) }
        return throttle
    }

    @Test func `the failures that are allowed are told what is wrong, further ones to wait`() {
        var throttle = AuthenticationThrottle()
        let network = ClientNetwork("192.0.2.1")
        for _ in 1...10 { #expect(throttle.recordFailure(of: network, at: Self.start) == nil) }
        #expect(throttle.recordFailure(of: network, at: Self.start + .milliseconds(20_500)) == 40)
        #expect(throttle.recordFailure(of: network, at: Self.start + .milliseconds(59_999)) == 1)
        #expect(throttle.recordFailure(of: network, at: Self.start + .seconds(60)) == nil)
        #expect(throttle.admit(Self.attempt("x"), at: Self.start + .seconds(61)) == .reserved)
    }

    @Test func `a limited network is refused until its window ends`() {
        var throttle = Self.limited()
        #expect(throttle.admit(Self.attempt("x"), at: Self.start + .seconds(1)) == .refused(retryAfter: 59))
        #expect(throttle.admit(Self.attempt("x", from: "192.0.2.2"), at: Self.start + .seconds(1)) == .reserved)
        #expect(throttle.admit(Self.attempt("x"), at: Self.start + .seconds(60)) == .reserved)
    }

    @Test func `a token that was used there within the hour goes on`() {
        var throttle = AuthenticationThrottle()
        let known = Self.attempt("known")
        throttle.recordUse(known, at: Self.start)
        let later = Self.start + .seconds(3000)
        for _ in 1...10 { _ = throttle.recordFailure(of: known.network, at: later) }
        #expect(throttle.admit(known, at: later) == .known)
        #expect(throttle.admit(Self.attempt("known", from: "192.0.2.2"), at: later) == .reserved)
        #expect(throttle.admit(Self.attempt("other"), at: later) == .refused(retryAfter: 60))
        // The use itself counts for another hour.
        let end = later + .seconds(3600)
        for _ in 1...10 { _ = throttle.recordFailure(of: known.network, at: end - .seconds(1)) }
        var atTheEnd = throttle
        #expect(throttle.admit(known, at: end - .milliseconds(1)) == .known)
        #expect(atTheEnd.admit(known, at: end) == .refused(retryAfter: 59))
    }

    @Test func `a token that is not valid any more is not known any more`() {
        var throttle = Self.limited()
        let attempt = Self.attempt("revoked")
        throttle.recordUse(attempt, at: Self.start)
        throttle.forget(attempt)
        #expect(throttle.admit(attempt, at: Self.start) == .refused(retryAfter: 60))
    }

    @Test func `no more tokens are looked up at the same time than may fail`() {
        var throttle = AuthenticationThrottle()
        let network = ClientNetwork("192.0.2.1")
        for _ in 1...3 { _ = throttle.recordFailure(of: network, at: Self.start) }
        for number in 1...7 { #expect(throttle.admit(Self.attempt("\(number)"), at: Self.start) == .reserved) }
        #expect(throttle.admit(Self.attempt("8"), at: Self.start) == .full)
        #expect(throttle.isFull(network, at: Self.start))
        // A valid one makes room, a failure does not.
        throttle.release(network)
        #expect(throttle.admit(Self.attempt("8"), at: Self.start) == .reserved)
        #expect(throttle.recordFailure(of: network, at: Self.start) == nil)
        throttle.release(network)
        #expect(throttle.admit(Self.attempt("9"), at: Self.start) == .full)
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.1", "::ffff:192.0.2.1", true),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true), ("2001:db8:0:1::1", "2001:db8:0:2::1", false), ("local", "local", true),
        ("local", "192.0.2.1", false),
    ])
    func `failures count for an address, or for a network of 64 bits`(_ first: String, _ second: String, _ isSame: Bool) {
        var throttle = Self.limited(first)
        #expect((throttle.admit(Self.attempt("x", from: second), at: Self.start) != .reserved) == isSame)
    }

    @Test func `many networks displace the oldest count alone`() {
        var throttle = AuthenticationThrottle()
        let networks = (0..<AuthenticationThrottle.capacity - 1).map { ClientNetwork("other \($0)") }
        for network in networks { _ = throttle.recordFailure(of: network, at: Self.start) }
        let guesser = ClientNetwork("guesser")
        for _ in 1...10 { #expect(throttle.recordFailure(of: guesser, at: Self.start) == nil) }
        for _ in 1...10 { _ = throttle.recordFailure(of: networks[0], at: Self.start) }
        #expect(throttle.recordFailure(of: networks[0], at: Self.start) == 60)
        // Displaces the first network, whose window began first.
        _ = throttle.recordFailure(of: ClientNetwork("new"), at: Self.start)
        #expect(throttle.wait(for: guesser, at: Self.start + .seconds(1)) == 59)
        #expect(throttle.recordFailure(of: networks[0], at: Self.start) == nil)
    }
}

struct KeyRateLimiterTests {
    private static let start = ContinuousClock.now

    @Test(arguments: [1, 3, 7, 100, 99_999])
    func `a burst of one second is allowed, then as many as the limit says`(limit: Int) {
        var limiter = KeyRateLimiter()
        for _ in 0..<limit { #expect(limiter.take(1, limit: limit, at: Self.start) == nil) }
        let wait = limiter.take(1, limit: limit, at: Self.start)
        #expect(wait.map { $0 > .zero && $0 <= .seconds(1) / limit } == true)
        #expect(limiter.take(2, limit: limit, at: Self.start) == nil, "another key has a bucket of its own")
        let next = Self.start + .seconds(1) / limit
        #expect(limiter.take(1, limit: limit, at: next) == nil)
        #expect(limiter.take(1, limit: limit, at: next) != nil)
        let later = Self.start + .seconds(100)
        #expect((0..<limit).allSatisfy { _ in limiter.take(1, limit: limit, at: later) == nil }, "no more is saved up")
        #expect(limiter.take(1, limit: limit, at: later) != nil)
    }
}
