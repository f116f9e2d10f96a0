import MailModel
import Sending
import Storage
import TestSupport
import Testing

/// Addresses below a proven domain (specification 3.3).
@Suite(.timeLimit(.minutes(1)))
struct SubdomainTests {
    private func client(_ reference: String, in store: Store) async throws -> Principal {
        let account = try await store.write { try $0.accounts.findOrInsert(reference: reference) }
        return .client(APIKey(id: 1, account: account, name: "crew", scopes: [.send], expiresAt: nil, createdAt: store.now))
    }

    private func send(_ from: String, by principal: Principal, gate: Gate = Gate(), in store: Store) async throws -> Refusal? {
        do {
            let request = EmailRequest(to: "reader@example.org", from: from, text: "hello", subject: "Hi")
            _ = try await Submission(store: store, gate: gate).accept(request, by: principal)
            return nil
        } catch let error as Refusal {
            return error
        }
    }

    private func sent(_ name: String, in store: Store) async throws -> Int64? {
        try await store.read { try $0.domains.find(named: DomainName(validated: name))?.counters.sentToday }
    }

    @Test func `Mail from below a domain counts for the nearest one above`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            _ = try await store.makeDomain("news.shop.example")
            let client = try await client("acme", in: store)
            for from in [
                "a@mail.shop.example", "a@x.mail.shop.example", "a@shop.example", "a@old.news.shop.example", "a@news.shop.example",
            ] {
                #expect(try await send(from, by: client, in: store) == nil, "\(from)")
            }
            #expect(try await send("a@mail.shop.example", by: .master, in: store) == nil)
            #expect(try await sent("shop.example", in: store) == 4)
            #expect(try await sent("news.shop.example", in: store) == 2)
            #expect(try await send("a@shop2.example", by: client, in: store)?.kind == .badFrom)
            #expect(try await send("a@myshop.example", by: client, in: store)?.kind == .badFrom)
            #expect(try await send("a@1.2.3.4.5.6.7.8.9.shop.example", by: client, in: store)?.kind == .badFrom)
        }
    }

    @Test func `The setting turns it off`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            var gate = Gate()
            gate.allowsSubdomains = false
            for principal in [try await client("acme", in: store), .master] {
                #expect(try await send("a@mail.shop.example", by: principal, gate: gate, in: store)?.kind == .badFrom)
                #expect(try await send("a@shop.example", by: principal, gate: gate, in: store) == nil)
            }
        }
    }

    @Test func `The limits and the suspension of the domain hold below it`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example") { $0.outbound.dailyLimit = 1 }
            let client = try await client("acme", in: store)
            #expect(try await send("a@mail.shop.example", by: client, in: store) == nil)
            #expect(try await send("a@other.shop.example", by: client, in: store)?.kind == .quota)
            try await store.write { tx in
                guard var found = try tx.domains.find(domain.id) else { return }
                found.suspend(reason: "x", at: tx.now)
                tx.domains.update(found)
            }
            #expect(try await send("a@mail.shop.example", by: client, in: store)?.kind == .blocked)
        }
    }

    @Test func `A subdomain that another account has proven is that account's, a claim is nobody's`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            _ = try await store.makeDomain("theirs.shop.example", account: "globex")
            let (acme, globex) = (try await client("acme", in: store), try await client("globex", in: store))
            let globexID = try #require(globex.accountID)
            _ = try await store.write { tx in
                try tx.domains.insert(
                    DomainName(validated: "claimed.shop.example"), accountID: globexID, outbound: OutboundConfiguration(),
                    ownership: DomainOwnership(.pending))
            }
            #expect(try await send("a@theirs.shop.example", by: acme, in: store)?.kind == .badFrom)
            #expect(try await send("a@x.theirs.shop.example", by: acme, in: store)?.kind == .badFrom)
            #expect(try await send("a@x.theirs.shop.example", by: globex, in: store) == nil)
            #expect(try await send("a@mine.shop.example", by: globex, in: store)?.kind == .badFrom)
            #expect(try await send("a@claimed.shop.example", by: globex, in: store)?.kind == .badFrom)
            #expect(try await send("a@claimed.shop.example", by: acme, in: store) == nil)
            #expect(try await send("a@claimed.shop.example", by: .master, in: store) == nil)
            #expect(try await sent("shop.example", in: store) == 2)
        }
    }

    @Test func `A row of the account's own for the name counts, proven or not`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let client = try await client("acme", in: store)
            let id = try #require(client.accountID)
            _ = try await store.write { tx in
                try tx.domains.insert(
                    DomainName(validated: "new.shop.example"), accountID: id, outbound: OutboundConfiguration(),
                    ownership: DomainOwnership(.pending))
            }
            #expect(try await send("a@new.shop.example", by: client, in: store)?.code == .domainNotVerified)
            // Below the claim it is the nearest proven domain.
            #expect(try await send("a@x.new.shop.example", by: client, in: store) == nil)
        }
    }

    @Test func `A claim that is not proven covers nothing below it`() async throws {
        try await withStore { store in
            let client = try await client("acme", in: store)
            let id = try #require(client.accountID)
            _ = try await store.write { tx in
                try tx.domains.insert(
                    DomainName(validated: "shop.example"), accountID: id, outbound: OutboundConfiguration(),
                    ownership: DomainOwnership(.pending))
            }
            #expect(try await send("a@mail.shop.example", by: client, in: store)?.kind == .badFrom)
        }
    }

    @Test func `A single sender below a domain of its account counts for that domain`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let client = try await client("acme", in: store)
            let id = try #require(client.accountID)
            try await store.write { tx in
                var sender = try #require(try tx.senders.insert(EmailAddress("ann@mail.shop.example"), accountID: id))
                sender.status = .verified
                try tx.senders.update(sender)
            }
            #expect(try await send("ann@mail.shop.example", by: client, in: store) == nil)
            #expect(try await sent("shop.example", in: store) == 1)
        }
    }
}
