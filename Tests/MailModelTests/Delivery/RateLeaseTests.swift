import MailModel
import Testing

struct SharedRateTests {
    @Test(arguments: [1.0, 2, 3, 14, 50, 199.9, 500], 1...7) func partsAddUpToTheRate(rate: Double, nodes: Int) {
        let shared = SharedRate(rate)
        let parts = (0..<nodes).map { shared.part(rank: $0, of: nodes) }
        #expect(parts.reduce(0, +) == rate.rounded(.down))
        #expect((parts.max() ?? 0) - (parts.min() ?? 0) <= 1)
    }

    @Test func aRateBelowOneIsOfOneNode() {
        #expect((0..<3).map { SharedRate(0.5).part(rank: $0, of: 3) } == [0.5, 0, 0])
        #expect(SharedRate(-1).part(rank: 0, of: 1) == 0)
    }

    @Test func aGrantExcludesWhatOthersHold() {
        #expect(SharedRate(100).grant(rank: 1, of: 2, held: 100) == 0)
        #expect(SharedRate(100).grant(rank: 1, of: 2, held: 70) == 30)
        #expect(SharedRate(100).grant(rank: 1, of: 2, held: 50) == 50)
        // The rate was lowered.
        #expect(SharedRate(10).grant(rank: 0, of: 2, held: 50) == 0)
    }
}

struct RateLeaseTests {
    private let start = ContinuousClock.now

    @Test func aNodeAloneSendsAtOnce() {
        var lease = RateLease()
        #expect(lease.share(at: start) == 0)
        lease.renew(100, isFresh: true, askedAt: start, now: start)
        #expect(lease.share(at: start) == 100)
    }

    @Test func aSmallerShareAppliesAtOnceAndALargerAfterSettling() {
        var lease = RateLease()
        lease.renew(100, isFresh: true, askedAt: start, now: start)
        lease.renew(50, isFresh: false, askedAt: start, now: start)
        #expect(lease.share(at: start) == 50)
        for seconds in 1...2 { lease.renew(80, isFresh: false, askedAt: start + .seconds(seconds), now: start + .seconds(seconds)) }
        #expect(lease.share(at: start + .milliseconds(2999)) == 50)
        #expect(lease.share(at: start + .seconds(3)) == 80)
    }

    @Test func aShareReducedBeforeItAppliesNeverApplies() {
        var lease = RateLease()
        lease.renew(80, isFresh: false, askedAt: start, now: start)
        lease.renew(30, isFresh: false, askedAt: start, now: start + .seconds(1))
        lease.renew(80, isFresh: false, askedAt: start + .seconds(1), now: start + .seconds(1))
        #expect(lease.share(at: start + .seconds(2)) == 30)
    }

    @Test func withoutRenewalItEndsBeforeOthersTakeItOver() {
        var lease = RateLease()
        lease.renew(100, isFresh: true, askedAt: start, now: start + .seconds(1))
        #expect(lease.share(at: start + RateLease.length - RateLease.margin - .milliseconds(1)) == 100)
        #expect(lease.share(at: start + RateLease.length - RateLease.margin) == 0)
    }
}
