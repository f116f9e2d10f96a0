import Testing

@testable import Sending

struct SendRateLimiterTests {
    private let start = ContinuousClock.now

    /// Asks every `step` milliseconds for as many permits as possible, for `seconds`.
    ///
    /// - Returns: when each message was sent, in milliseconds.
    private func run(_ limiter: inout SendRateLimiter, seconds: Int64, step: Int64 = 7, stalls: (Int64) -> Bool = { _ in false }) -> [Int64]
    {
        var sent: [Int64] = []
        for millisecond in stride(from: Int64(0), to: seconds * 1000, by: Int64.Stride(step)) where !stalls(millisecond) {
            let (granted, _) = limiter.acquire(upTo: 1000, at: start + .milliseconds(millisecond))
            sent.append(contentsOf: repeatElement(millisecond, count: granted))
        }
        return sent
    }

    private func mostInAnySecond(_ sent: [Int64]) -> Int {
        sent.indices.map { index in sent[index...].prefix { $0 < sent[index] + 1000 }.count }.max() ?? 0
    }

    @Test(arguments: [1.0, 14, 100, 500]) func `no second exceeds the rate`(rate: Double) {
        var limiter = SendRateLimiter(rate: rate)
        let sent = run(&limiter, seconds: 10)
        #expect(mostInAnySecond(sent) <= Int(rate))
        #expect(Double(sent.count) >= 10 * rate * 0.96 - 1)
    }

    @Test func `messages delayed by a stall are caught up within the rate`() {
        var limiter = SendRateLimiter(rate: 500)
        // A stall of 60 ms every second.
        let sent = run(&limiter, seconds: 10) { $0 % 1000 < 60 }
        #expect(mostInAnySecond(sent) <= 500)
        #expect(sent.count >= 4800)
    }

    @Test func `without a rate all messages are granted at once`() {
        var limiter = SendRateLimiter()
        #expect(limiter.acquire(upTo: 700, at: start).granted == 700)
    }

    @Test func `a rate of zero grants nothing`() {
        var limiter = SendRateLimiter(rate: 0)
        let (granted, wait) = limiter.acquire(upTo: 5, at: start)
        #expect(granted == 0)
        #expect(wait > .zero)
    }

    @Test func `released permits can be acquired again`() {
        var limiter = SendRateLimiter(rate: 10)
        let first = limiter.acquire(upTo: 5, at: start).granted
        #expect(first == 1)
        limiter.release(first)
        #expect(limiter.acquire(upTo: 5, at: start).granted == 1)
    }

    @Test func `throttling reduces the rate once a second, and the rate recovers`() {
        var limiter = SendRateLimiter(rate: 100)
        for _ in 0..<50 { limiter.slowDown(at: start) }
        let slowed = run(&limiter, seconds: 1).count
        #expect((55...75).contains(slowed))
        var rested = limiter
        _ = run(&rested, seconds: 20)
        let later = (0..<200).reduce(0) { count, step in
            count + rested.acquire(upTo: 100, at: start + .seconds(21) + .milliseconds(Int64(step) * 5)).granted
        }
        #expect(later >= 95)
    }
}
