import MailModel
import Sending
import Storage
import TestSupport
import Testing

/// Which addresses an account may write from, where a domain stands behind them (specification 3.11, 9.5).
@Suite(.timeLimit(.minutes(1)))
struct SenderOwnershipTests {
    private func request(_ from: String) -> EmailRequest {
        EmailRequest(to: "reader@example.org", from: from, text: "hello", subject: "Hi")
    }

    private func client(_ reference: String, in store: Store) async throws -> Principal {
        let account = try await store.write { try $0.accounts.findOrInsert(reference: reference) }
        return .client(APIKey(id: 1, account: account, name: "crew", scopes: [.send], expiresAt: nil, createdAt: store.now))
    }

    /// A verified single address of the account.
    private func verify(_ address: String, of principal: Principal, in store: Store) async throws {
        let accountID = try #require(principal.accountID)
        try await store.write { tx in
            var sender = try #require(try tx.senders.insert(EmailAddress(address), accountID: accountID))
            sender.status = .verified
            try tx.senders.update(sender)
        }
    }

    private func claim(_ name: String, _ ownership: DomainOwnership, of principal: Principal, in store: Store) async throws -> SendingDomain
    {
        let accountID = try #require(principal.accountID)
        return try await store.write { tx in
            try #require(
                try tx.domains.insert(
                    DomainName(validated: name), accountID: accountID, outbound: OutboundConfiguration(), ownership: ownership))
        }
    }

    private func kind(_ store: Store, _ from: String, by principal: Principal, gate: Gate = Gate()) async throws -> Refusal.Kind? {
        do {
            _ = try await Submission(store: store, gate: gate).accept(request(from), by: principal)
            return nil
        } catch let error as Refusal {
            return error.kind
        }
    }

    @Test func `A claim sends nothing, and keeps the owner from nothing`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example", account: "owner")
            let (owner, claimant) = (try await client("owner", in: store), try await client("claimant", in: store))
            _ = try await claim("shop.example", DomainOwnership(.pending), of: claimant, in: store)
            #expect(try await kind(store, "ceo@shop.example", by: claimant) == .badFrom)
            #expect(try await kind(store, "ceo@shop.example", by: owner) == nil)
            #expect(try await kind(store, "ceo@shop.example", by: .master) == nil)
            let counted = try await store.read { tx in try tx.domains.listClaims(on: DomainName("shop.example")).map(\.counters.sentToday) }
            #expect(counted == [2, 0])
        }
    }

    @Test func `Without verification a name that another account may own sends nothing either`() async throws {
        try await withStore { store in
            let claimant = try await client("claimant", in: store)
            var contested = DomainOwnership(.pending)
            contested.needsRecord = true
            _ = try await claim("shop.example", contested, of: claimant, in: store)
            _ = try await claim("plain.example", DomainOwnership(.pending), of: claimant, in: store)
            var gate = Gate()
            gate.requireVerified = false
            #expect(try await kind(store, "a@shop.example", by: claimant, gate: gate) == .badFrom)
            #expect(try await kind(store, "a@plain.example", by: claimant, gate: gate) == nil)
        }
    }

    @Test(arguments: [OutboundConfiguration.Enforcement.hard, .soft])
    func `A verified address falls with its suspended domain`(enforcement: OutboundConfiguration.Enforcement) async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example", account: "acme", isVerified: false) { domain in
                domain.outbound.enforcement = enforcement
                domain.suspend(reason: "spam", at: domain.createdAt)
            }
            let acme = try await client("acme", in: store)
            try await verify("a@shop.example", of: acme, in: store)
            #expect(try await kind(store, "a@shop.example", by: acme) == (enforcement == .hard ? .blocked : nil))
            let counted = try await store.read { try $0.domains.find(named: domain.name) }?.counters.sentToday
            #expect(counted == (enforcement == .hard ? 0 : 1))
        }
    }

    @Test func `A verified address falls with its deleted domain, and no other one does`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example", account: "acme")
            let acme = try await client("acme", in: store)
            try await verify("a@shop.example", of: acme, in: store)
            try await verify("a@other.example", of: acme, in: store)
            _ = try await store.write { tx in
                try tx.domains.giveUp(domain)
                return try tx.senders.fail(in: domain.name, of: domain.accountID)
            }
            #expect(try await kind(store, "a@shop.example", by: acme) == .badFrom)
            #expect(try await kind(store, "a@other.example", by: acme) == nil)
        }
    }

    /// SES's link proves the address, whatever becomes of the domain.
    @Test func `A verified address goes on beside a claim on its domain, and stops where that waits for the operator`() async throws {
        try await withStore { store in
            let acme = try await client("acme", in: store)
            try await verify("a@shop.example", of: acme, in: store)
            var ownership = DomainOwnership(.pending)
            ownership.needsRecord = true
            let claim = try await claim("shop.example", ownership, of: acme, in: store)
            #expect(try await kind(store, "a@shop.example", by: acme) == nil)
            try await store.write { tx in
                var waiting = try #require(try tx.domains.find(claim.id))
                waiting.ownership.state = .review
                tx.domains.update(waiting)
            }
            #expect(try await kind(store, "a@shop.example", by: acme) == .badFrom)
        }
    }
}
