import MailModel
import Testing

struct GateTests {
    typealias Reason = Gate.Reason

    /// One check of the gate: how to set a domain up so that it has `room` emails left, and the reasons beyond.
    struct Check: Sendable, CustomTestStringConvertible {
        var hard: Reason
        var soft: Reason
        var leave: @Sendable (_ room: Int64, _ domain: inout SendingDomain) -> Void
        var testDescription: String { hard.rawValue }
    }

    static let limits: [Check] = [
        Check(hard: .dailyLimit, soft: .dailyLimitSoft) { room, domain in
            domain.outbound.dailyLimit = 1000
            domain.counters.sentToday = 1000 - room
        },
        Check(hard: .monthlyLimit, soft: .monthlyLimitSoft) { room, domain in
            domain.outbound.monthlyLimit = 1000
            domain.counters.sentThisMonth = 1000 - room
        },
        Check(hard: .warmupLimit, soft: .warmupLimitSoft) { room, domain in
            domain.outbound.warmupProfile = .fast
            domain.outbound.warmupStartedOn = domain.counters.day
            domain.counters.sentToday = 500 - room
        },
        Check(hard: .spike, soft: .spikeSoft) { room, domain in
            domain.outbound.spikeMaxMultiplier = 2
            domain.counters.history.add(300, on: CalendarDay(number: domain.counters.day.number - 1))
            domain.counters.sentToday = 600 - room
        },
    ]

    private func domain(_ enforcement: OutboundConfiguration.Enforcement = .hard) -> SendingDomain {
        var domain = SendingDomain(
            id: 1, accountID: 1, name: DomainName(validated: "example.com"), createdAt: Timestamp(milliseconds: 1_700_000_000_000))
        domain.verification.update(identity: .success, dkim: .success, at: Timestamp(milliseconds: 0))
        domain.outbound.enforcement = enforcement
        return domain
    }

    @Test(arguments: limits, [(1, 1), (0, 1), (5, 5), (4, 5), (5, 1), (-3, 1), (0, Int64.max), (5, Int64.max)] as [(Int64, Int64)])
    func `A limit lets exactly so many through`(check: Check, boundary: (room: Int64, recipients: Int64)) {
        let fits = boundary.recipients <= boundary.room
        var hard = domain(.hard)
        check.leave(boundary.room, &hard)
        #expect(Gate().decide(on: hard, recipients: boundary.recipients) == .init(allowed: fits, reason: fits ? nil : check.hard))
        var soft = domain(.soft)
        check.leave(boundary.room, &soft)
        #expect(Gate().decide(on: soft, recipients: boundary.recipients) == .init(allowed: true, reason: fits ? nil : check.soft))
    }

    @Test(arguments: limits)
    func `Hard refusals are not counted, soft overage is`(check: Check) {
        var hard = domain(.hard)
        check.leave(2, &hard)
        let before = hard.counters
        #expect(hard.admit(3, by: Gate()).allowed == false)
        #expect(hard.counters == before)
        #expect(hard.admit(2, by: Gate()) == .init(allowed: true, reason: nil))
        #expect(hard.counters.sentToday == before.sentToday + 2)
        #expect(hard.counters.sentThisMonth == before.sentThisMonth + 2)
        #expect(hard.admit(1, by: Gate()) == .init(allowed: false, reason: check.hard))

        var soft = domain(.soft)
        check.leave(0, &soft)
        let start = soft.counters.sentToday
        #expect(soft.admit(3, by: Gate()) == .init(allowed: true, reason: check.soft))
        #expect(soft.counters.sentToday == start + 3)
    }

    @Test func `Without limits everything is admitted`() {
        var domain = domain()
        domain.counters.sentToday = 1 << 40
        domain.counters.sentThisMonth = 1 << 40
        #expect(domain.admit(1, by: Gate()) == .init(allowed: true, reason: nil))
    }

    @Test func `A suspended domain is refused under hard and allowed under soft`() {
        var hard = domain(.hard)
        hard.suspend(reason: "x", at: Timestamp(milliseconds: 0))
        #expect(hard.admit(1, by: Gate()) == .init(allowed: false, reason: .suspended))
        #expect(hard.counters.sentToday == 0)
        var soft = domain(.soft)
        soft.suspend(reason: "x", at: Timestamp(milliseconds: 0))
        #expect(soft.admit(1, by: Gate()) == .init(allowed: true, reason: .suspendedSoft))
        #expect(soft.counters.sentToday == 1)
    }

    @Test(arguments: OutboundConfiguration.Enforcement.allCases)
    func `An unverified domain is refused whatever the enforcement, unless the setting says otherwise`(
        enforcement: OutboundConfiguration.Enforcement
    ) {
        var domain = domain(enforcement)
        domain.verification.update(identity: .success, dkim: .pending, at: Timestamp(milliseconds: 0))
        #expect(domain.admit(1, by: Gate()) == .init(allowed: false, reason: .domainNotVerified))
        #expect(domain.counters.sentToday == 0)
        var gate = Gate()
        gate.requireVerified = false
        #expect(domain.admit(1, by: gate) == .init(allowed: true, reason: nil))
    }

    /// Everything is wrong with the domain; one fault after the other is taken away.
    @Test func `The first check that applies is the reason`() {
        var domain = domain()
        domain.verification.isVerified = false
        domain.suspend(reason: "x", at: Timestamp(milliseconds: 0))
        for check in Self.limits.reversed() { check.leave(0, &domain) }
        domain.counters.sentToday = 5000
        domain.counters.sentThisMonth = 5000
        var reasons: [Reason?] = []
        let repairs: [(inout SendingDomain) -> Void] = [
            { $0.verification.isVerified = true }, { $0.reactivate() }, { $0.outbound.dailyLimit = 0 }, { $0.outbound.monthlyLimit = 0 },
            { $0.outbound.warmupProfile = .none }, { $0.outbound.spikeMaxMultiplier = 0 },
        ]
        for repair in repairs {
            reasons.append(Gate().decide(on: domain, recipients: 1).reason)
            repair(&domain)
        }
        reasons.append(Gate().decide(on: domain, recipients: 1).reason)
        #expect(reasons == [.domainNotVerified, .suspended, .dailyLimit, .monthlyLimit, .warmupLimit, .spike, nil])
    }

    @Test func `A warm-up without a start begins today`() {
        var domain = domain()
        domain.outbound.warmupProfile = .conservative
        domain.counters.sentToday = 50
        #expect(Gate().decide(on: domain, recipients: 1).reason == .warmupLimit)
    }

    @Test(arguments: [
        (SESVerification.Status.success, SESVerification.Status.success, true), (.success, .pending, false), (.pending, .success, false),
        (.failed, .success, false),
        (.success, .temporaryFailure, false), (.notStarted, .notStarted, false),
    ])
    func `Verified means both, and can be lost again`(identity: SESVerification.Status, dkim: SESVerification.Status, verified: Bool) {
        var verification = SESVerification()
        verification.update(identity: .success, dkim: .success, at: Timestamp(milliseconds: 1))
        verification.update(identity: identity, dkim: dkim, at: Timestamp(milliseconds: 2))
        #expect(verification.isVerified == verified)
        #expect((verification.identity, verification.dkim) == (identity, dkim))
        #expect(verification.checkedAt == Timestamp(milliseconds: 2))
    }
}

struct WarmupTests {
    private let start = CalendarDay(number: 20_000)

    @Test(
        arguments: [
            ("fast", 0, 500), ("fast", 1, 1000), ("fast", 9, 256_000), ("fast", 10, nil), ("fast", 1000, nil), ("fast", -5, 500),
            ("standard", 0, 200), ("standard", 1, 320), ("standard", 2, 512), ("standard", 3, 819), ("standard", 20, nil),
            ("conservative", 0, 50), ("conservative", 1, 70), ("conservative", 2, 98), ("conservative", 3, 137), ("conservative", 30, nil),
            ("none", 0, nil), ("none", 100, nil), ("none", -1, nil),
        ] as [(String, Int64, Int64?)])
    func `Allowances grow day by day until the profile ends`(name: String, elapsed: Int64, limit: Int64?) throws {
        let profile = try #require(WarmupProfile(name: name))
        #expect(profile.limit(on: CalendarDay(number: start.number + elapsed), startedOn: start) == limit)
    }

    @Test func `No day allows less than the day before`() {
        for profile in WarmupProfile.all {
            let limits = (0..<profile.days).compactMap { profile.limit(on: CalendarDay(number: start.number + $0), startedOn: start) }
            #expect(limits.count == Int(profile.days))
            #expect(zip(limits, limits.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test func `Other names are unknown`() {
        #expect(WarmupProfile(name: "Fast") == nil)
        #expect(WarmupProfile(name: "") == nil)
        #expect(WarmupProfile.all.map(\.name) == ["none", "fast", "standard", "conservative"])
    }
}
