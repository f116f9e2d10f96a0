import MailModel
import Testing

struct GuillotineTests {
    private func counters(_ bounces: Int64, of sent: Int64) -> OutboundCounters {
        var counters = OutboundCounters(at: Timestamp(milliseconds: 0))
        counters.bounces = bounces
        counters.sentThisMonth = sent
        return counters
    }

    @Test(
        arguments: [
            (3, 100, false), (4, 100, true), (3, 99, true), (1, 1, true), (1, 33, true), (1, 34, false), (0, 0, false), (5, 0, false),
            (0, 1000, false),
            (300, 10_000, false), (301, 10_000, true),
        ] as [(Int64, Int64, Bool)])
    func `More than three percent, strictly, cuts`(bounces: Int64, sent: Int64, cuts: Bool) {
        #expect((Guillotine().verdict(on: counters(bounces, of: sent)) != nil) == cuts)
    }

    @Test func `The verdict says why`() {
        #expect(Guillotine().verdict(on: counters(4, of: 100)) == "guillotine: bounce rate 4.0 % is over 3 % (4 of 100)")
    }

    @Test(arguments: [(99, false), (100, true)] as [(Int64, Bool)])
    func `Below the minimum nobody is judged`(sent: Int64, cuts: Bool) {
        var guillotine = Guillotine()
        guillotine.minimumSent = 100
        #expect((guillotine.verdict(on: counters(50, of: sent)) != nil) == cuts)
    }

    @Test func `Another threshold`() throws {
        var guillotine = Guillotine()
        guillotine.bouncePercent = try #require(Percent("0.5"))
        #expect(guillotine.verdict(on: counters(1, of: 200)) == nil)
        #expect(guillotine.verdict(on: counters(1, of: 199)) != nil)
    }

    @Test(
        arguments: [
            (10, 0, false), (11, 0, false), (11, 1, false), (12, 2, true), (12, 66, true), (12, 67, false), (13, 100, false),
            (14, 100, true),
        ] as [(Int64, Int64, Bool)])
    func `After a reactivation only what came since counts, and one bounce is no verdict`(bounces: Int64, sentSince: Int64, cuts: Bool) {
        var domain = SendingDomain(id: 1, accountID: 1, name: DomainName(validated: "example.com"), createdAt: Timestamp(milliseconds: 0))
        domain.counters = counters(10, of: 50)
        domain.suspend(reason: "guillotine: …", at: Timestamp(milliseconds: 5))
        #expect(domain.outbound.status == .suspended)
        #expect(domain.outbound.suspendedAt == Timestamp(milliseconds: 5))
        domain.reactivate()
        #expect(domain.outbound == OutboundConfiguration())
        domain.counters.bounces = bounces
        domain.counters.sentThisMonth += sentSince
        #expect((Guillotine().verdict(on: domain.counters) != nil) == cuts)
    }

    @Test func `After a reactivation the minimum counts anew`() {
        var guillotine = Guillotine()
        guillotine.minimumSent = 100
        var counters = counters(20, of: 1000)
        counters.reactivation = .init(sent: 950, bounces: 10)
        #expect(guillotine.verdict(on: counters) == nil)
        counters.reactivation = .init(sent: 900, bounces: 10)
        #expect(guillotine.verdict(on: counters) == "guillotine: bounce rate 10.0 % is over 3 % (10 of 100)")
    }
}
