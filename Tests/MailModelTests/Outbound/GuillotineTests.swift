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

    /// A domain on the first day of a month, after a month with so many emails and bounces.
    private func domain(oldSent: Int64, oldBounces: Int64, sentToday: Int64) -> SendingDomain {
        let day = Timestamp(milliseconds: 86_400_000 * 20)
        var domain = SendingDomain(id: 1, accountID: 1, name: DomainName(validated: "example.com"), createdAt: day)
        domain.counters.sentThisMonth = oldSent
        domain.counters.bounces = oldBounces
        _ = domain.counters.roll(to: Self.firstOfMonth)
        domain.counters.sentThisMonth = sentToday
        return domain
    }

    private static let firstOfMonth = CalendarMonth(number: Timestamp(milliseconds: 0).month.number + 1).start

    private func verdict(_ domain: inout SendingDomain, late: Int64, own: Int64) -> (late: String?, own: String?) {
        let period = domain.counters.countBounces(late, countedAt: Self.firstOfMonth - .seconds(3600), sentAt: { nil })
        let first = Guillotine().verdict(on: domain.counters, late: period)
        guard own > 0 else { return (first, nil) }
        let present = domain.counters.countBounces(own, countedAt: Self.firstOfMonth + .seconds(1), sentAt: { nil })
        return (first, Guillotine().verdict(on: domain.counters, late: present))
    }

    @Test(
        arguments: [
            // Five of a hundred thousand say nothing, whatever today's mail is.
            (100_000, 0, 10, 5, 0, false, false), (100_000, 0, 0, 5, 0, false, false),
            (100_000, 0, 10, 5_000, 0, true, false),
            // The old month's bounces count with its late ones.
            (100_000, 2_990, 10, 10, 0, false, false), (100_000, 2_990, 10, 11, 0, true, false),
            // Today's are judged by today's mail alone.
            (100_000, 0, 100, 50, 3, false, false), (100_000, 0, 100, 50, 4, false, true), (100, 3, 1, 0, 1, false, true),
        ] as [(Int64, Int64, Int64, Int64, Int64, Bool, Bool)])
    func `Bounces of the old month's mail are judged by the old month`(
        oldSent: Int64, oldBounces: Int64, sentToday: Int64, late: Int64, own: Int64, lateCuts: Bool, ownCuts: Bool
    ) {
        var domain = domain(oldSent: oldSent, oldBounces: oldBounces, sentToday: sentToday)
        let verdicts = verdict(&domain, late: late, own: own)
        #expect((verdicts.late != nil) == lateCuts)
        #expect((verdicts.own != nil) == ownCuts)
        #expect(domain.counters.bounces == late + own)
    }

    @Test func `The verdict on an old month says which`() {
        var domain = domain(oldSent: 100, oldBounces: 0, sentToday: 10)
        #expect(
            verdict(&domain, late: 4, own: 0).late
                == "guillotine: bounce rate 4.0 % is over 3 % (4 of 100, sent before the reset of 1970-02-01T00:00:00.000Z)")
    }

    @Test func `After a reactivation neither the old month's bounces count nor those before it`() {
        var domain = domain(oldSent: 100, oldBounces: 0, sentToday: 10)
        #expect(verdict(&domain, late: 50, own: 0).late != nil)
        domain.reactivate()
        #expect(verdict(&domain, late: 50, own: 1) == (nil, nil))
        domain.counters.sentThisMonth += 10
        #expect(verdict(&domain, late: 50, own: 1).own == "guillotine: bounce rate 20.0 % is over 3 % (2 of 10)")
    }

    @Test func `A reactivation within the old month holds for its late bounces`() {
        var domain = domain(oldSent: 0, oldBounces: 0, sentToday: 0)
        domain.counters = OutboundCounters(at: Timestamp(milliseconds: 0))
        domain.counters.sentThisMonth = 50
        domain.counters.bounces = 10
        domain.reactivate()
        domain.counters.sentThisMonth += 100
        _ = domain.counters.roll(to: Self.firstOfMonth)
        #expect(verdict(&domain, late: 3, own: 0).late == nil)
        #expect(verdict(&domain, late: 1, own: 0).late != nil)
    }

    @Test func `The minimum holds for the old month`() {
        var guillotine = Guillotine()
        guillotine.minimumSent = 101
        var domain = domain(oldSent: 100, oldBounces: 0, sentToday: 1000)
        let period = domain.counters.countBounces(50, countedAt: Self.firstOfMonth - .seconds(1), sentAt: { nil })
        #expect(period != nil && guillotine.verdict(on: domain.counters, late: period) == nil)
    }
}
