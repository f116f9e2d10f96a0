import MailModel
import Testing

struct DomainOwnershipTests {
    private let name = DomainName(validated: "shop.example")
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func domain(_ configure: (inout SendingDomain) -> Void = { _ in }) -> SendingDomain {
        var domain = SendingDomain(id: 1, accountID: 1, name: name, createdAt: now)
        configure(&domain)
        return domain
    }

    @Test(arguments: [
        (DomainOwnership.State.proven, true, false), (.pending, false, false), (.pending, true, true), (.review, false, true),
    ])
    func `A claim needs its record until it is proven`(state: DomainOwnership.State, needsRecord: Bool, isContested: Bool) {
        var ownership = DomainOwnership(state)
        ownership.token = "abc"
        ownership.needsRecord = needsRecord
        #expect(ownership.isContested == isContested)
        #expect((ownership.record(of: name) != nil) == isContested)
        if let record = ownership.record(of: name) {
            #expect((record.name, record.value) == ("_martlet.shop.example", "martlet-verify=abc"))
        }
    }

    @Test func `SES's word alone verifies no domain that is not proven`() {
        var claim = domain { $0.ownership = DomainOwnership(.pending) }
        claim.verify(identity: .success, dkim: .success, at: now)
        #expect(!claim.verification.isVerified && claim.verification.isSuccess)
        claim.prove(at: now)
        #expect(claim.verification.isVerified && claim.ownership.provenAt == now)
        claim.verify(identity: .success, dkim: .failed, at: now)
        #expect(!claim.verification.isVerified && claim.ownership.isProven)
    }

    @Test func `A domain comes back with its limits, status and counters, and has to be proven again`() {
        var domain = domain {
            $0.outbound.dailyLimit = 7
            $0.counters.sentToday = 7
            $0.suspend(reason: "spam", at: now)
            $0.ownership.prove(at: now)
            $0.verify(identity: .success, dkim: .success, at: now)
        }
        let before = domain
        domain.giveUp(at: now)
        domain.revive(at: now + .seconds(60))
        #expect(domain.outbound == before.outbound && domain.counters == before.counters)
        #expect(domain.ownership.state == .pending && domain.verification == SESVerification())
        #expect(domain.ownership.provenAt == now)
    }

    @Test(arguments: [(Account.Status.blocked, OutboundConfiguration.Status.suspended), (.warning, .active), (.ok, .active)])
    func `A domain of a blocked account is given up suspended`(status: Account.Status, expected: OutboundConfiguration.Status) {
        var domain = domain { $0.accountStatus = status }
        domain.giveUp(at: now)
        #expect(domain.outbound.status == expected)
    }

    /// The settings under which a domain that SES has not verified may send.
    @Test(arguments: [
        (DomainOwnership.State.pending, false, true, true), (.pending, true, true, false), (.pending, true, false, true),
        (.review, false, true, false), (.review, true, false, false), (.proven, true, true, true),
    ])
    func `Without verification the gate refuses what another account may own`(
        state: DomainOwnership.State, needsRecord: Bool, requireProof: Bool, isAllowed: Bool
    ) {
        var gate = Gate()
        gate.requireVerified = false
        gate.requireProof = requireProof
        let claim = domain {
            $0.ownership = DomainOwnership(state)
            $0.ownership.needsRecord = needsRecord
        }
        let decision = gate.decide(on: claim, recipients: 1)
        #expect(decision == Gate.Decision(allowed: isAllowed, reason: isAllowed ? nil : .domainNotVerified))
    }
}
