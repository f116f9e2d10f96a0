import AmazonSES
import MailModel
import Storage
import TestSupport
import Testing

@testable import Outbound

/// Two accounts and a name (specification 3.11, 3.12).
@Suite(.timeLimit(.minutes(1)))
struct OwnershipTests {
    private let ses = FakeIdentities()
    private let dns = FakeRecords()
    private let clock = TestClock()

    private struct World {
        let store: Store
        let domains: DomainService
        let verification: VerificationService
        let a: Principal
        let b: Principal
        let rules: OwnershipRules

        func ownership(_ name: String, of principal: Principal) async throws -> DomainOwnership? {
            try? await domains.find(name, by: principal).ownership
        }

        /// Lets the account prove a name.
        func prove(_ name: String, by principal: Principal) async throws {
            _ = try await domains.create(name: name, partnerReference: nil, by: principal)
            _ = try await verification.start(name, by: principal)
            _ = try await verification.status(name, by: principal)
        }
    }

    /// Two accounts, each with a key; SES knows no identity until a test says so.
    private func withWorld(
        proof: OwnershipRules.Proof = .auto, maximumPending: Int = 50, isSimulated: Bool = false, _ body: (World) async throws -> Void
    ) async throws {
        ses.answer(identity: .notStarted, dkim: .notStarted)
        var rules = OwnershipRules()
        (rules.proof, rules.maximumPending) = (proof, maximumPending)
        try await withStore(clock: clock) { [rules, dns, ses] store in
            var principals: [Principal] = []
            for reference in ["a", "b"] {
                let account = try await store.write { try $0.accounts.findOrInsert(reference: reference) }
                principals.append(
                    .client(
                        APIKey(
                            id: 1, account: account, name: reference, scopes: Set(Scope.allCases), expiresAt: nil,
                            createdAt: account.createdAt)))
            }
            let proof = isSimulated ? OwnershipProof.simulated : OwnershipProof { await dns.answer($0) }
            try await body(
                World(
                    store: store,
                    domains: DomainService(
                        store: store, gate: Gate(), defaults: OutboundDefaults(), rules: rules,
                        identities: IdentityCleanup(store: store, identities: ses, logger: silent)),
                    verification: VerificationService(store: store, identities: ses, proof: proof, rules: rules),
                    a: principals[0], b: principals[1], rules: rules))
        }
    }

    private func succeed() { ses.answer(identity: .success, dkim: .success) }

    // MARK: Proof

    @Test func `In the plain case there are four records, and SES's word is the proof`() async throws {
        try await withWorld { world in
            let made = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.a)
            #expect(made.ownership.state == .pending)
            let records = try await world.verification.start("shop.example", by: world.a)
            #expect(records.dnsRecords.count == 4)
            succeed()
            #expect(try await world.verification.status("shop.example", by: world.a).isVerified)
            #expect(try await world.ownership("shop.example", of: world.a)?.state == .proven)
            #expect(dns.asked.isEmpty)
        }
    }

    @Test func `What SES held already is proven by the account's record alone`() async throws {
        try await withWorld { world in
            succeed()
            _ = try await world.domains.create(name: "held.example", partnerReference: nil, by: world.a)
            let records = try await world.verification.start("held.example", by: world.a).dnsRecords
            let proof = try #require(records.last)
            #expect(records.count == 5 && proof.name == "_martlet.held.example" && proof.value.hasPrefix("martlet-verify="))
            #expect(try await !world.verification.status("held.example", by: world.a).isVerified)
            dns.set(["other text"], for: proof.name)
            #expect(try await !world.verification.status("held.example", by: world.a).isVerified)
            // At once, although SES's answers and the DNS's are cached.
            dns.set(["other text", proof.value], for: proof.name)
            let calls = ses.calls.count
            #expect(try await world.verification.status("held.example", by: world.a).isVerified)
            #expect(ses.calls.count == calls)
            // The domain is proven: the record may go.
            #expect(try await world.verification.start("held.example", by: world.a).dnsRecords.count == 4)
        }
    }

    @Test func `A status that was never asked for proves nothing`() async throws {
        try await withWorld { world in
            succeed()
            _ = try await world.domains.create(name: "held.example", partnerReference: nil, by: world.a)
            #expect(try await !world.verification.status("held.example", by: world.a).isVerified)
            #expect(try await world.ownership("held.example", of: world.a)?.needsRecord == true)
        }
    }

    @Test(arguments: [(OwnershipRules.Proof.always, 5, false), (.off, 4, true)])
    func `A record is needed by setting`(proof: OwnershipRules.Proof, count: Int, isVerified: Bool) async throws {
        try await withWorld(proof: proof) { world in
            if proof == .off { succeed() }
            _ = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.a)
            #expect(try await world.verification.start("shop.example", by: world.a).dnsRecords.count == count)
            succeed()
            #expect(try await world.verification.status("shop.example", by: world.a).isVerified == isVerified)
        }
    }

    @Test func `The DNS is asked again where it does not answer, and then the next time`() async throws {
        try await withWorld { world in
            succeed()
            _ = try await world.domains.create(name: "held.example", partnerReference: nil, by: world.a)
            let proof = try #require(try await world.verification.start("held.example", by: world.a).dnsRecords.last)
            dns.fail(times: 2)
            dns.set([proof.value], for: proof.name)
            #expect(try await world.verification.status("held.example", by: world.a).isVerified)
            #expect(dns.asked.count == 3)
        }
    }

    @Test func `The stand-in of the capture transport plays the DNS too`() async throws {
        try await withWorld(isSimulated: true) { world in
            succeed()
            try await world.prove("held.example", by: world.a)
            #expect(try await world.ownership("held.example", of: world.a)?.state == .proven)
        }
    }

    // MARK: Several claims

    @Test func `Several accounts may claim a name, and who proves it first has it`() async throws {
        try await withWorld { world in
            _ = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.a)
            #expect(try await world.verification.start("shop.example", by: world.a).dnsRecords.count == 4)
            let second = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.b)
            #expect(second.ownership.state == .pending)
            let own = try await refusal { try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.b) }
            #expect(own?.kind == .alreadyExists)
            let proof = try #require(try await world.verification.start("shop.example", by: world.b).dnsRecords.last)
            #expect(proof.name == "_martlet.shop.example")
            dns.set([proof.value], for: proof.name)
            succeed()
            // The record is the other account's: SES's word does not say that the first one has set those of SES.
            #expect(try await !world.verification.status("shop.example", by: world.a).isVerified)
            #expect(try await world.verification.status("shop.example", by: world.b).isVerified)
            #expect(try await world.ownership("shop.example", of: world.a) == nil)
            #expect(try await world.domains.find("shop.example", by: .master).id == second.id)
        }
    }

    @Test func `The claim of another account does not keep the first one from its plain proof`() async throws {
        try await withWorld { world in
            _ = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.a)
            _ = try await world.verification.start("shop.example", by: world.a)
            _ = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.b)
            _ = try await world.verification.start("shop.example", by: world.b)
            succeed()
            #expect(try await world.verification.status("shop.example", by: world.a).isVerified)
            #expect(try await world.ownership("shop.example", of: world.b) == nil)
        }
    }

    @Test func `A name that another account has proven goes to review when it is proven again`() async throws {
        try await withWorld { world in
            succeed()
            let owner = try await world.domains.create(name: "shop.example", partnerReference: "a", by: .master)
            #expect(owner.ownership.state == .proven)
            #expect(try await world.verification.status("shop.example", by: .master).isVerified)
            _ = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.b)
            let proof = try #require(try await world.verification.start("shop.example", by: world.b).dnsRecords.last)
            dns.set([proof.value], for: proof.name)
            #expect(try await !world.verification.status("shop.example", by: world.b).isVerified)
            #expect(try await world.ownership("shop.example", of: world.b)?.state == .review)
            #expect(try await world.domains.find("shop.example", by: .master).id == owner.id)
            #expect(try await world.domains.listInReview(by: .master, limit: 9).map(\.account.reference) == ["b"])

            let approved = try await world.verification.approve("shop.example", by: .master)
            #expect(approved.ownership.state == .proven && approved.verification.isVerified)
            #expect(try await world.ownership("shop.example", of: world.a) == nil)
            #expect(try await world.domains.find("shop.example", by: .master).id == approved.id)
        }
    }

    @Test func `What the master makes is believed, and ends the claims on it`() async throws {
        try await withWorld { world in
            _ = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.a)
            let made = try await world.domains.create(name: "shop.example", partnerReference: "b", by: .master)
            #expect(made.ownership.state == .proven)
            #expect(try await world.ownership("shop.example", of: world.a) == nil)
            let taken = try await refusal { try await world.domains.create(name: "shop.example", partnerReference: "a", by: .master) }
            #expect(taken?.kind == .alreadyExists)
        }
    }

    @Test func `The master means one account's claim by its reference, and moves what is not proven`() async throws {
        try await withWorld { world in
            let first = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.a)
            let second = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.b)
            #expect(try await world.domains.find("shop.example", by: .master).id == first.id)
            #expect(try await world.domains.find("shop.example", of: "b", by: .master).id == second.id)
            #expect(try await refusal { try await world.domains.find("shop.example", of: "c", by: .master) }?.kind == .notFound)
            let moved = try await world.domains.changeOwner(of: "shop.example", from: "a", to: "b", by: .master)
            #expect(moved.id == first.id && moved.ownership.state == .proven)
            #expect(try await world.ownership("shop.example", of: world.a) == nil)
            #expect(try await world.domains.find("shop.example", by: world.b).id == first.id)
        }
    }

    // MARK: Deleting forgives nothing

    @Test func `A domain comes back to its account as it was`() async throws {
        try await withWorld { world in
            try await world.prove("shop.example", by: world.a)
            var changes = OutboundChanges()
            (changes.dailyLimit, changes.enforcement, changes.tier) = (5, .soft, .dedicated)
            (changes.warmupProfile, changes.spikeMaxMultiplier) = (.fast, 3)
            changes.status = .suspended
            let before = try await world.domains.update("shop.example", changes, by: .master)
            try await world.domains.delete("shop.example", by: world.a)
            #expect(try await world.ownership("shop.example", of: world.a) == nil)
            let again = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.a)
            #expect(again.id == before.id && again.outbound == before.outbound && again.counters == before.counters)
            #expect(again.ownership.state == .pending && !again.verification.isVerified)
        }
    }

    @Test func `A name given up in disgrace comes to any other account as a review`() async throws {
        try await withWorld { world in
            succeed()
            _ = try await world.domains.create(name: "shop.example", partnerReference: "a", by: .master)
            var changes = OutboundChanges()
            changes.status = .suspended
            _ = try await world.domains.update("shop.example", changes, by: .master)
            try await world.domains.delete("shop.example", by: world.a)
            let other = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.b)
            #expect(other.ownership.state == .review)
            let proof = try #require(try await world.verification.start("shop.example", by: world.b).dnsRecords.last)
            dns.set([proof.value], for: proof.name)
            #expect(try await !world.verification.status("shop.example", by: world.b).isVerified)
            let decision = try await world.domains.increment("shop.example", by: 1, principal: world.b).decision
            #expect(decision == Gate.Decision(allowed: false, reason: .domainNotVerified))
            #expect(try await world.verification.approve("shop.example", of: "b", by: .master).verification.isVerified)
            #expect(try await world.domains.increment("shop.example", by: 1, principal: world.b).decision.allowed)
        }
    }

    @Test func `A bare claim that ends in a blocked account holds nothing for others`() async throws {
        try await withWorld { world in
            let bare = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.a)
            try await world.store.write { try $0.accounts.update(bare.accountID, status: .blocked, reason: "spam") }
            try await world.domains.delete("shop.example", by: world.a)
            let other = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.b)
            #expect(other.ownership.state == .pending && !other.ownership.needsRecord)
        }
    }

    @Test func `SES's identity goes with the domain where Martlet made it`() async throws {
        try await withWorld { world in
            try await world.prove("made.example", by: world.a)
            try await world.domains.delete("made.example", by: world.a)
            #expect(ses.calls.contains("delete made.example"))
            succeed()
            try await world.prove("held.example", by: world.a)
            try await world.domains.delete("held.example", by: world.a)
            #expect(!ses.calls.contains("delete held.example"))
        }
    }

    @Test func `An identity that another claim needs stays, and what SES refuses is deleted later`() async throws {
        try await withWorld { world in
            try await world.prove("shop.example", by: world.a)
            try await world.prove("shop.example", by: world.b)
            try await world.domains.delete("shop.example", by: world.a)
            #expect(!ses.calls.contains("delete shop.example"))
            #expect(try await world.ownership("shop.example", of: world.b)?.identity == .made)
            ses.fail(.throttled)
            try await world.domains.delete("shop.example", by: world.b)
            ses.fail(nil)
            let cleanup = IdentityCleanup(store: world.store, identities: ses, logger: silent)
            let due = try await cleanup.due(limit: 9)
            #expect(due.map(\.name.description) == ["shop.example"])
            for domain in due { try await cleanup.remove(domain) }
            #expect(try await cleanup.due(limit: 9).isEmpty)
            #expect(ses.calls.count { $0 == "delete shop.example" } == 2)
        }
    }

    @Test func `An address of a domain that was given up waits for the master`() async throws {
        try await withWorld { world in
            succeed()
            _ = try await world.domains.create(name: "shop.example", partnerReference: "a", by: .master)
            let senders = SenderService(store: world.store, identities: ses, approval: .automatic, logger: silent)
            #expect(try await senders.request("a@shop.example", by: world.a).status == .pending)
            try await world.domains.delete("shop.example", by: world.a)
            #expect(try await senders.list(by: world.a, after: nil, limit: 9).map(\.status) == [.failed])
            #expect(try await senders.request("a@shop.example", by: world.a).status == .requested)
            #expect(try await senders.request("b@mail.shop.example", by: world.a).status == .requested)
            #expect(try await senders.request("c@other.example", by: world.a).status == .pending)
        }
    }

    // MARK: Limits

    @Test func `An account has a bounded number of unproven domains, also at once`() async throws {
        try await withWorld(maximumPending: 5) { world in
            let codes = try await withThrowingTaskGroup(of: RefusalCode?.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await refusal {
                            try await world.domains.create(name: "d\(number).example", partnerReference: nil, by: world.a)
                        }?.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 5 && codes.count { $0 == .pendingLimit } == 15)
            #expect(try await refusal { try await world.domains.create(name: "e.example", partnerReference: nil, by: world.b) } == nil)
            #expect(try await refusal { try await world.domains.create(name: "f.example", partnerReference: "a", by: .master) } == nil)
        }
    }

    @Test(arguments: ["com.br", "co.uk", "github.io", "mail.owner.example", "up.example"])
    func `Names that cannot be the client's own are refused to it`(name: String) async throws {
        try await withWorld { world in
            _ = try await world.domains.create(name: "owner.example", partnerReference: "b", by: .master)
            _ = try await world.domains.create(name: "below.up.example", partnerReference: "b", by: .master)
            let found = try await refusal { try await world.domains.create(name: name, partnerReference: nil, by: world.a) }
            #expect(found?.kind == .forbidden && found?.code == .nameNotAllowed && found?.field == "name")
            #expect(try await refusal { try await world.domains.create(name: name, partnerReference: "a", by: .master) } == nil)
        }
    }

    @Test func `A claim lapses after its days, and comes back with its token`() async throws {
        try await withWorld { world in
            let claim = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.a)
            _ = try await world.domains.create(name: "kept.example", partnerReference: "a", by: .master)
            let job = ClaimExpiryJob(store: world.store, rules: world.rules, logger: silent)
            clock.advance(by: .seconds(14 * 86_400 - 1))
            await job.round()
            #expect(try await world.ownership("shop.example", of: world.a) != nil)
            clock.advance(by: .seconds(2))
            await job.round()
            #expect(try await world.ownership("shop.example", of: world.a) == nil)
            #expect(try await world.ownership("kept.example", of: world.a)?.state == .proven)
            let again = try await world.domains.create(name: "shop.example", partnerReference: nil, by: world.a)
            #expect(again.id == claim.id && again.ownership.token == claim.ownership.token)
            await job.round()
            #expect(try await world.ownership("shop.example", of: world.a) != nil)
        }
    }

    @Test func `Every change of ownership is in the audit log`() async throws {
        try await withWorld { world in
            try await world.prove("shop.example", by: world.a)
            succeed()
            clock.advance(by: .seconds(6))
            _ = try await world.verification.status("shop.example", by: world.a)
            _ = try await world.domains.create(name: "other.example", partnerReference: nil, by: world.b)
            _ = try await world.verification.approve("other.example", by: .master)
            _ = try await world.domains.changeOwner(of: "other.example", to: "a", by: .master)
            try await world.domains.delete("other.example", by: .master)
            let rows = try await world.store.read { try $0.audit.list(matching: AuditFilter(), of: nil, after: nil, limit: 100) }
            let domains = rows.filter { $0.action.hasPrefix("domain.") }.map { "\($0.action) \($0.actor.kind.rawValue)" }
            #expect(
                domains.sorted() == [
                    "domain.approve master", "domain.create key", "domain.create key", "domain.delete master", "domain.owner master",
                    "domain.request key", "domain.verify system",
                ])
        }
    }
}
