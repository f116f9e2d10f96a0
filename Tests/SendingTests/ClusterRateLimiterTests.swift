import MailModel
import Storage
import TestSupport
import Testing

@testable import Sending

/// Nodes that share a sending rate.
@Suite(.timeLimit(.minutes(1)))
struct ClusterRateLimiterTests {
    private static let rate = 100.0
    private let clock = TestClock()

    private struct SimulatedNode {
        let name: String
        var limiter = SendRateLimiter(rate: 0)
        var lease = RateLease()
        /// A grant under way, and when the node receives it.
        var underWay: (grant: SendingGrant, askedAt: ContinuousClock.Instant, at: ContinuousClock.Instant)?
        var nextRenewal: ContinuousClock.Instant

        mutating func acquire(at now: ContinuousClock.Instant) -> Int {
            if let (grant, askedAt, at) = underWay, at <= now {
                lease.renew(grant.share, isFresh: grant.isAlone, askedAt: askedAt, now: now)
                underWay = nil
            }
            limiter.setRate(lease.share(at: now))
            return limiter.acquire(upTo: 64, at: now).granted
        }
    }

    /// Each node sends as much as it may; answers arrive late.
    @Test(.enabled(if: TestEngine.chosen == .postgres, "an engine with one writer has one node"), arguments: [1, 2, 3])
    func `no second exceeds the rate while nodes start, stop and hang`(seed: UInt64) async throws {
        try await withStore(clock: clock) { store async throws in
            var generator = SeededGenerator(seed: seed)
            var nodes: [SimulatedNode] = []
            var sent: [Int64] = []
            let start = (wall: clock.now, monotonic: ContinuousClock.now)
            for step in 0..<4000 {
                let now = start.monotonic + (clock.now - start.wall)
                if step % 500 == 0, nodes.count < 4 { nodes.append(SimulatedNode(name: "node\(step)", nextRenewal: now)) }
                if step % 700 == 699, let index = nodes.indices.randomElement(using: &generator) { nodes.remove(at: index) }
                for index in nodes.indices {
                    sent += Array(repeating: clock.now.milliseconds, count: nodes[index].acquire(at: now))
                    guard nodes[index].nextRenewal <= now, nodes[index].underWay == nil else { continue }
                    nodes[index].nextRenewal = now + RateLease.renewal
                    let report = SendingReport(node: nodes[index].name, rate: SharedRate(Self.rate), sent: 0, remaining: nil)
                    let grant = try await store.write(.sendingShare) { try $0.sendingShares.renew(report) }
                    nodes[index].underWay = (grant, now, now + .milliseconds(Int64.random(in: 0...900, using: &generator)))
                }
                clock.advance(by: .milliseconds(10))
            }
            let busiest = sent.indices.map { first in sent[first...].prefix { $0 < sent[first] + 1000 }.count }.max() ?? 0
            #expect(busiest <= Int(Self.rate))
            // Forty seconds, less what changes of the shares cost.
            #expect(sent.count > 2000)
        }
    }

    @Test func `all nodes count down the quota of the day`() async throws {
        try await withStore(clock: clock) { store async throws in
            func report(_ node: String, sent: Int64, remaining: Int64? = nil) async throws -> Int64? {
                let report = SendingReport(node: node, rate: SharedRate(10), sent: sent, remaining: remaining)
                return try await store.write(.sendingShare) { try $0.sendingShares.renew(report) }.remaining
            }
            #expect(try await report("a", sent: 3) == nil)
            #expect(try await report("a", sent: 3, remaining: 100) == 100)
            #expect(try await report("b", sent: 60) == 40)
            #expect(try await report("a", sent: 41) == -1)
            #expect(try await report("b", sent: 0, remaining: 500) == 500)
        }
    }

    @Test func `a released or expired share goes to the other nodes`() async throws {
        guard TestEngine.chosen == .postgres else { return }
        try await withStore(clock: clock) { store async throws in
            func renew(_ node: String) async throws -> Double {
                let report = SendingReport(node: node, rate: SharedRate(10), sent: 0, remaining: nil)
                return try await store.write(.sendingShare) { try $0.sendingShares.renew(report) }.share
            }
            #expect(try await renew("a") == 10)
            #expect(try await renew("b") == 0)
            #expect(try await renew("a") == 5)
            #expect(try await renew("b") == 5)
            try await store.write(.sendingShare) { try $0.sendingShares.release(of: "a") }
            #expect(try await renew("b") == 10)
            // The share of a dead node expires with its lease.
            #expect(try await renew("c") == 0)
            clock.advance(by: RateLease.length + .milliseconds(1))
            #expect(try await renew("c") == 10)
        }
    }
}
