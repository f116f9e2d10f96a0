import MailModel
import PolicyServer
import Testing

struct PolicyActionTests {
    private static let opensTomorrow = "opens again 2026-06-16 00:00 UTC"

    @Test(arguments: [
        (
            Gate.Reason.dailyLimit,
            "DEFER_IF_PERMIT 4.7.1 shop.example has sent 98 of its daily limit of 100 emails, 5 more would exceed it; \(opensTomorrow)"
        ),
        (
            .monthlyLimit,
            "REJECT 5.7.1 shop.example has sent 990 of its monthly limit of 1000 emails, 5 more would exceed it; opens again 2026-07-01 00:00 UTC"
        ),
        (
            .warmupLimit,
            "DEFER_IF_PERMIT 4.7.1 shop.example has sent 98 of its warm-up limit of 50 emails, 5 more would exceed it; \(opensTomorrow)"
        ),
        (.spike, "DEFER_IF_PERMIT 4.7.1 shop.example sends far more than on other days, 98 emails today; \(opensTomorrow)"),
        (.suspended, "REJECT 5.7.1 Outbound mail of shop.example is suspended: guillotine: bounce rate 4 % is over 3 %"),
        (.domainNotVerified, "REJECT 5.7.1 The domain shop.example may not send yet: it is not verified"),
        (.accountBlocked, "REJECT 5.7.1 The account of shop.example is blocked until its sending was reviewed"),
    ])
    func refusalsAreExplained(reason: Gate.Reason, text: String) {
        let action = PolicyAction(Gate.Decision(allowed: false, reason: reason), on: Self.domain, recipients: 5)
        #expect(action.description == text)
    }

    @Test(arguments: Gate.Reason.allCases.filter { $0.rawValue.hasSuffix("_soft") })
    func softLimitsPrependAHeader(reason: Gate.Reason) {
        let action = PolicyAction(Gate.Decision(allowed: true, reason: reason), on: Self.domain, recipients: 1)
        #expect(action.encoded == "action=PREPEND X-Martlet-Quota: \(reason.rawValue)\n\n")
    }

    @Test func allowedMailIsNotObjectedTo() {
        let action = PolicyAction(Gate.Decision(allowed: true, reason: nil), on: Self.domain, recipients: 1)
        #expect(action.encoded == "action=DUNNO\n\n")
    }

    @Test(arguments: [
        (PolicyRules.UnknownDomain.dunno, "DUNNO"),
        (.reject, "REJECT 5.7.1 The domain other.example may not send here: it is not known"),
        (.deferred, "DEFER_IF_PERMIT 4.7.1 The domain other.example may not send here: it is not known"),
    ])
    func unknownDomains(rule: PolicyRules.UnknownDomain, text: String) {
        #expect(PolicyAction(rule, for: DomainName(validated: "other.example")).description == text)
    }

    @Test func aReasonCannotInjectAReply() {
        var domain = Self.domain
        domain.suspend(reason: "evil\n\naction=DUNNO\r\n\u{1F600}" + String(repeating: "x", count: 1000), at: domain.createdAt)
        let encoded = PolicyAction(Gate.Decision(allowed: false, reason: .suspended), on: domain, recipients: 1).encoded
        #expect(encoded.hasPrefix("action=REJECT 5.7.1 Outbound mail of shop.example is suspended: evil??action=DUNNO??????xxx"))
        #expect(encoded.utf8.count < 450)
        #expect(encoded.utf8.dropLast(2).allSatisfy { (0x20...0x7E).contains($0) })
    }

    @Test(arguments: ["DUNNO", "REJECT", "PREPEND X-Martlet-Quota: daily_limit_exceeded_soft", "DEFER_IF_PERMIT 4.7.1 a  b "])
    func storedActionsAreParsed(text: String) {
        #expect(PolicyAction(text)?.description == text)
    }

    @Test(arguments: ["", " ", "OK", "dunno"])
    func otherTextIsNoAction(text: String) {
        #expect(PolicyAction(text) == nil)
    }

    /// At noon of 2026-06-15, with 98 emails sent today and 990 in the month.
    private static let domain: SendingDomain = {
        let name = DomainName(validated: "shop.example")
        var domain = SendingDomain(id: 1, accountID: 1, name: name, createdAt: Timestamp(milliseconds: 1_781_524_800_000))
        (domain.outbound.dailyLimit, domain.outbound.monthlyLimit) = (100, 1000)
        domain.outbound.warmupProfile = .conservative
        (domain.counters.sentToday, domain.counters.sentThisMonth) = (98, 990)
        domain.suspend(reason: "guillotine: bounce rate 4 % is over 3 %", at: domain.createdAt)
        return domain
    }()
}
