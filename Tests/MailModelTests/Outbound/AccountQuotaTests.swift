import MailModel
import Testing

struct AccountQuotaTests {
    typealias Decision = Gate.Decision

    private func domain(_ enforcement: OutboundConfiguration.Enforcement = .hard) -> SendingDomain {
        var domain = SendingDomain(
            id: 1, accountID: 1, name: DomainName(validated: "example.com"), createdAt: Timestamp(milliseconds: 1_700_000_000_000))
        domain.verification.isVerified = true
        domain.outbound.enforcement = enforcement
        return domain
    }

    private func quota(
        daily: Int64 = 0, monthly: Int64 = 0, _ enforcement: OutboundConfiguration.Enforcement = .hard, sent: Int64 = 0
    ) -> AccountQuota {
        var limits = AccountLimits()
        (limits.dailyLimit, limits.monthlyLimit, limits.enforcement) = (daily, monthly, enforcement)
        return AccountQuota(accountID: 1, limits: limits, sentToday: sent, sentThisMonth: sent)
    }

    @Test(arguments: [(1, 1), (0, 1), (5, 5), (4, 5), (5, 1), (-3, 1), (0, Int64.max), (5, Int64.max)] as [(Int64, Int64)])
    func `A limit of the account lets exactly so many through, for domains and single senders`(room: Int64, recipients: Int64) {
        let fits = recipients <= room
        let cases: [(AccountQuota, Gate.Reason, Gate.Reason)] = [
            (quota(daily: 100, sent: 100 - room), .accountDailyLimit, .accountDailyLimitSoft),
            (quota(monthly: 100, sent: 100 - room), .accountMonthlyLimit, .accountMonthlyLimitSoft),
        ]
        for (quota, hard, soft) in cases {
            let refused = Decision(allowed: fits, reason: fits ? nil : hard)
            #expect(Gate().decide(on: domain(), within: quota, recipients: recipients) == refused)
            #expect(Gate().decide(within: quota, recipients: recipients) == refused)
            var softly = quota
            softly.limits.enforcement = .soft
            let admitted = Decision(allowed: true, reason: fits ? nil : soft)
            #expect(Gate().decide(on: domain(), within: softly, recipients: recipients) == admitted)
            #expect(Gate().decide(within: softly, recipients: recipients) == admitted)
        }
    }

    /// The domain has reached its daily limit, the account its own, each enforced hard or softly.
    @Test(
        arguments: [
            (.hard, .hard, false, .dailyLimit), (.hard, .soft, false, .dailyLimit), (.soft, .hard, false, .accountDailyLimit),
            (.soft, .soft, true, .dailyLimitSoft),
        ] as [(OutboundConfiguration.Enforcement, OutboundConfiguration.Enforcement, Bool, Gate.Reason)])
    func `The first check that refuses is the reason, a soft one only where none does`(
        ofDomain: OutboundConfiguration.Enforcement, ofAccount: OutboundConfiguration.Enforcement, allowed: Bool, reason: Gate.Reason
    ) {
        var domain = domain(ofDomain)
        domain.outbound.dailyLimit = 10
        domain.counters.sentToday = 10
        let decision = Gate().decide(on: domain, within: quota(daily: 10, ofAccount, sent: 10), recipients: 1)
        #expect(decision == Decision(allowed: allowed, reason: reason))
    }

    @Test func `Neither an unverified domain nor a suspended one reaches the account's limits`() {
        var unverified = domain()
        unverified.verification.isVerified = false
        #expect(Gate().decide(on: unverified, within: quota(daily: 1, sent: 1), recipients: 1).reason == .domainNotVerified)
        var suspended = domain(.soft)
        suspended.suspend(reason: "x", at: Timestamp(milliseconds: 0))
        #expect(Gate().decide(on: suspended, within: quota(daily: 1, sent: 1), recipients: 1).reason == .accountDailyLimit)
        #expect(Gate().decide(on: suspended, within: quota(daily: 1), recipients: 1).reason == .suspendedSoft)
    }

    @Test func `What is admitted counts for the domain and its account, what is refused for neither`() {
        var domain = domain()
        var limited: AccountQuota? = quota(daily: 5)
        #expect(domain.admit(6, by: Gate(), within: &limited).reason == .accountDailyLimit)
        #expect(domain.counters.sentToday == 0 && limited?.sentToday == 0)
        #expect(domain.admit(5, by: Gate(), within: &limited).allowed)
        #expect(domain.counters.sentToday == 5 && limited?.sentToday == 5 && limited?.sentThisMonth == 5)
    }

    @Test func `Partial changes leave the other limits, and negative ones are refused by name`() {
        var limits = AccountLimits()
        var changes = AccountLimitsChanges()
        changes.dailyLimit = 7
        limits.apply(changes)
        changes = AccountLimitsChanges()
        changes.domainsLimit = 2
        limits.apply(changes)
        #expect((limits.dailyLimit, limits.monthlyLimit, limits.domainsLimit) == (7, 0, 2))
        #expect(limits.limitsSending)
        changes.monthlyLimit = -1
        #expect(changes.fault?.field == "monthly_limit")
    }
}

struct CeilingTests {
    private func domain(daily: Int64 = 0, ceiling: Int64 = 0) -> SendingDomain {
        var domain = SendingDomain(
            id: 1, accountID: 1, name: DomainName(validated: "example.com"), createdAt: Timestamp(milliseconds: 0))
        domain.outbound.dailyLimit = daily
        domain.outbound.dailyCeiling = ceiling
        return domain
    }

    private func changes(limit: Int64? = nil, ceiling: Int64? = nil) -> OutboundChanges {
        var changes = OutboundChanges()
        changes.dailyLimit = limit
        changes.dailyCeiling = ceiling
        return changes
    }

    @Test(
        arguments: [
            (0, 0, true), (0, 5000, true), (100, 100, true), (100, 1, true), (100, 101, false), (100, 0, false),
        ] as [(Int64, Int64, Bool)])
    func `A customer sets limits up to the ceiling, and none where there is one`(ceiling: Int64, limit: Int64, allowed: Bool) {
        let fault = changes(limit: limit).exceededCeiling(of: domain(ceiling: ceiling).outbound)
        #expect((fault == nil) == allowed)
        if let fault {
            #expect(fault.field == "outbound_daily_limit" && fault.explanation.contains("outbound_daily_ceiling"))
        }
    }

    /// Limit and ceiling before, limit and ceiling in the call, and both after it.
    @Test(
        arguments: [
            (0, 0, 500, nil, 500, 500), (500, 500, 200, nil, 200, 200), (100, 500, nil, 300, 100, 300), (400, 500, nil, 300, 300, 300),
            (0, 0, nil, 300, 300, 300), (100, 100, 100, 500, 100, 500), (500, 500, 0, nil, 0, 0), (500, 500, nil, 0, 500, 0),
        ] as [(Int64, Int64, Int64?, Int64?, Int64, Int64)])
    func `The ceiling is what the operator last set as the limit or as the ceiling`(
        limitBefore: Int64, ceilingBefore: Int64, limit: Int64?, ceiling: Int64?, limitAfter: Int64, ceilingAfter: Int64
    ) {
        var domain = domain(daily: limitBefore, ceiling: ceilingBefore)
        domain.apply(changes(limit: limit, ceiling: ceiling), setsCeilings: true, at: Timestamp(milliseconds: 0))
        #expect(domain.outbound.dailyLimit == limitAfter)
        #expect(domain.outbound.dailyCeiling == ceilingAfter)
    }

    @Test func `A customer's own limit leaves the ceiling, so that it can be raised again`() {
        var domain = domain(daily: 100, ceiling: 100)
        domain.apply(changes(limit: 10), setsCeilings: false, at: Timestamp(milliseconds: 0))
        #expect((domain.outbound.dailyLimit, domain.outbound.dailyCeiling) == (10, 100))
    }

    @Test func `A limit above the ceiling of the same call is refused, and only the operator sets ceilings`() {
        #expect(changes(limit: 200, ceiling: 100).fault?.field == "outbound_daily_limit")
        #expect(changes(limit: 100, ceiling: 100).fault == nil)
        #expect(changes(ceiling: -1).fault?.field == "outbound_daily_ceiling")
        #expect(changes(ceiling: 1).masterField == "outbound_daily_ceiling")
        #expect(changes(limit: 1).masterField == nil)
    }
}
