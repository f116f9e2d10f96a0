import Concurrency
import Synchronization
import TestSupport
import Testing

struct FairSharesTests {
    @Test func `one alone has half, and everybody gets something`() {
        var shares = FairShares<String>(capacity: 100)
        #expect(shares.available(to: "a") == 50)
        #expect(shares.take(50, for: "a") && !shares.take(1, for: "a"))
        #expect(shares.exhausted == ["a"])
        #expect(shares.available(to: "b") == 25)
        #expect(shares.take(25, for: "b") && !shares.take(1, for: "b"))
        #expect(shares.available(to: "c") == 13)
        shares.release(40, of: "a")
        #expect(shares.held(by: "a") == 10 && shares.total == 35)
        #expect(shares.available(to: "b") == 20 && shares.available(to: "a") == 28)
        shares.release(10, of: "a")
        #expect(shares.held(by: "a") == 0 && shares.exhausted.isEmpty)
    }

    @Test func `an amount is taken as a whole or not at all`() {
        var shares = FairShares<Int>(capacity: 10)
        #expect(shares.take(6, for: 1) == false)
        #expect(shares.total == 0 && shares.take(5, for: 1))
    }

    @Test func `as long as anything is free, a newcomer gets it`() {
        var shares = FairShares<Int>(capacity: 8)
        for holder in 0..<100 where shares.total < 8 { #expect(shares.take(1, for: holder) == true) }
        #expect(shares.total == 8 && !shares.take(1, for: 100))
    }

    /// Against the sums of what everybody holds.
    @Test func `any sequence of changes`() {
        var generator = SeededGenerator(seed: 20_261_130)
        var shares = FairShares<Int>(capacity: 1000)
        var held = Array(repeating: 0, count: 6)
        for _ in 0..<5000 {
            let holder = Int.random(in: 0..<6, using: &generator)
            let amount = Int.random(in: 0...200, using: &generator)
            if Bool.random(using: &generator) {
                if shares.take(amount, for: holder) { held[holder] += amount }
            } else {
                let amount = min(amount, held[holder])
                shares.release(amount, of: holder)
                held[holder] -= amount
            }
            #expect(shares.total == held.reduce(0, +) && shares.total <= 1000)
            #expect((0..<6).allSatisfy { shares.held(by: $0) == held[$0] && shares.available(to: $0) >= 0 })
        }
    }
}

struct MemoryBudgetTests {
    private let budget = MemoryBudget(bytes: 1600)

    private func reservation(_ address: String, _ account: String? = nil) -> MemoryReservation {
        MemoryReservation(of: budget, for: .init(address: address, account: account))
    }

    @Test func `callers without a token have an eighth, one address half of it`() {
        let (one, other) = (reservation("192.0.2.1"), reservation("192.0.2.2"))
        #expect(one.grow(by: 100) && !one.grow(by: 1))
        #expect(other.grow(by: 50) && !other.grow(by: 1))
        #expect(reservation("192.0.2.1", "1").grow(by: 675), "half of what the others leave, less what the address has")
    }

    @Test func `an account has half, whatever its addresses`() {
        let all = (0..<8).map { reservation("192.0.2.\($0)", "1") }
        #expect(all.count { $0.grow(by: 200) } == 4)
        let other = reservation("192.0.2.9", "2")
        // An optimised build gives up what is not used any more.
        withExtendedLifetime(all) { #expect(other.grow(by: 400) && !other.grow(by: 1)) }
    }

    @Test func `what is released, or forgotten, is free again`() {
        do {
            let one = reservation("192.0.2.1", "1")
            #expect(one.grow(by: 800) && one.bytes == 800 && budget.heldBytes == 800)
            one.release()
            #expect(budget.heldBytes == 0 && !one.grow(by: 1), "a request that was answered takes nothing more")
            #expect(reservation("192.0.2.1", "1").grow(by: 800))
        }
        #expect(budget.heldBytes == 0)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct PacedQueueTests {
    private func state(capacity: Int = 100, burst: Int = 1) -> PacedQueueState<String> {
        PacedQueueState(interval: .seconds(1), burst: burst, capacity: capacity)
    }

    /// The names of the calls in the order in which they begin, each with its time.
    private func begun(_ state: inout PacedQueueState<String>, from start: ContinuousClock.Instant) -> [(name: String, at: Duration)] {
        var now = start
        var begun: [(name: String, at: Duration)] = []
        while true {
            switch state.next(at: now) {
            case .begin(let name): begun.append((name, now - start))
            case .wait(let time): now += time
            case .rest: return begun
            }
        }
    }

    @Test func `calls begin one after the other, in turn for those who make them`() {
        var state = state()
        for number in 0..<4 { #expect(state.enqueue("a\(number)", ticket: state.ticket(), of: "a") == true) }
        #expect(state.enqueue("b0", ticket: state.ticket(), of: "b") == true)
        #expect(state.startsDraining() && !state.startsDraining())
        let start = ContinuousClock.now
        let calls = begun(&state, from: start)
        #expect(calls.map(\.name) == ["a0", "b0", "a1", "a2", "a3"])
        #expect(calls.map(\.at) == (0..<5).map { .seconds($0) })
        #expect(state.startsDraining() == true, "the queue has come to rest")
        #expect(state.enqueue("c0", ticket: state.ticket(), of: "c") == true)
        #expect(begun(&state, from: start + .milliseconds(4200)).map(\.at) == [.milliseconds(800)])
    }

    @Test func `a few may begin at once after a pause`() {
        var state = state(burst: 3)
        for number in 0..<5 { #expect(state.enqueue("a\(number)", ticket: state.ticket(), of: "a") == true) }
        #expect(begun(&state, from: .now).map(\.at) == [.zero, .zero, .zero, .seconds(1), .seconds(2)])
    }

    @Test func `one has half of the queue, and who gives up leaves it`() {
        var state = state(capacity: 8)
        let tickets = (0..<4).map { number in
            let ticket = state.ticket()
            #expect(state.enqueue("a\(number)", ticket: ticket, of: "a") == true)
            return ticket
        }
        #expect(!state.enqueue("a4", ticket: state.ticket(), of: "a") && state.expectedWait == .seconds(4))
        #expect(state.enqueue("b0", ticket: state.ticket(), of: "b") == true)
        #expect(state.cancel(tickets[0]) == "a0" && state.cancel(tickets[0]) == nil)
        #expect(state.enqueue("a4", ticket: state.ticket(), of: "a") == true)
        #expect(begun(&state, from: .now).map(\.name) == ["a1", "b0", "a2", "a3", "a4"])
    }

    @Test func `a call waits for its turn, or is refused, or given up`() async throws {
        let (ticks, tick) = AsyncStream.makeStream(of: Void.self)
        let clock = ManualClock()
        let queue = PacedQueue(interval: .seconds(1), burst: 1, capacity: 4, clock: { clock.now }) { time in
            var next = ticks.makeAsyncIterator()
            await next.next()
            clock.advance(by: time)
        }
        try await queue.turn(for: "a")
        let second = Task { try await queue.turn(for: "a") }
        let third = Task { try await queue.turn(for: "a") }
        while queue.count < 2 { await Task.yield() }
        await #expect(throws: PacedQueue.Full(retryAfter: .seconds(2))) { try await queue.turn(for: "a") }
        third.cancel()
        await #expect(throws: CancellationError.self) { try await third.value }
        tick.yield()
        try await second.value
        tick.finish()
    }
}

/// A monotonic clock that moves when it is told to.
private final class ManualClock: Sendable {
    private let time = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 += duration } }
}
