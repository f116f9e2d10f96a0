import Testing

@testable import Sending

struct SendRateLimiterTests {
    private let start = ContinuousClock.now

    /// Asks every `step` for as much as there is, for `seconds`, and says when each message went.
    private func run(_ pacer: inout SendRateLimiter, seconds: Int64, step: Int64 = 7, stalls: (Int64) -> Bool = { _ in false }) -> [Int64] {
        var sent: [Int64] = []
        for millisecond in stride(from: Int64(0), to: seconds * 1000, by: Int64.Stride(step)) where !stalls(millisecond) {
            let (granted, _) = pacer.take(upTo: 1000, at: start + .milliseconds(millisecond))
            sent.append(contentsOf: repeatElement(millisecond, count: granted))
        }
        return sent
    }

    private func mostInAnySecond(_ sent: [Int64]) -> Int {
        sent.indices.map { index in sent[index...].prefix { $0 < sent[index] + 1000 }.count }.max() ?? 0
    }

    @Test(arguments: [1.0, 14, 100, 500]) func noSecondSeesMoreThanTheRate(rate: Double) {
        var pacer = SendRateLimiter(rate: rate)
        let sent = run(&pacer, seconds: 10)
        #expect(mostInAnySecond(sent) <= Int(rate))
        #expect(Double(sent.count) >= 10 * rate * 0.96 - 1)
    }

    @Test func aStallIsMadeUpForWithoutExceedingTheRate() {
        var pacer = SendRateLimiter(rate: 500)
        // Every second, 60 ms in which nobody asks.
        let sent = run(&pacer, seconds: 10) { $0 % 1000 < 60 }
        #expect(mostInAnySecond(sent) <= 500)
        #expect(sent.count >= 4800)
    }

    @Test func withoutARateAllGoAtOnce() {
        var pacer = SendRateLimiter()
        #expect(pacer.take(upTo: 700, at: start).granted == 700)
    }

    @Test func aRateOfZeroLetsNothingGo() {
        var pacer = SendRateLimiter(rate: 0)
        let (granted, wait) = pacer.take(upTo: 5, at: start)
        #expect(granted == 0)
        #expect(wait > .zero)
    }

    @Test func whatWasNotUsedCanBeTakenAgain() {
        var pacer = SendRateLimiter(rate: 10)
        let first = pacer.take(upTo: 5, at: start).granted
        #expect(first == 1)
        pacer.giveBack(first)
        #expect(pacer.take(upTo: 5, at: start).granted == 1)
    }

    @Test func throttlingSlowsDownOnceASecondAndWearsOff() {
        var pacer = SendRateLimiter(rate: 100)
        for _ in 0..<50 { pacer.slowDown(at: start) }
        let slowed = run(&pacer, seconds: 1).count
        #expect((55...75).contains(slowed))
        var rested = pacer
        _ = run(&rested, seconds: 20)
        let later = (0..<200).reduce(0) { count, step in
            count + rested.take(upTo: 100, at: start + .seconds(21) + .milliseconds(Int64(step) * 5)).granted
        }
        #expect(later >= 95)
    }
}
