import MailModel
import Storage
import TestSupport
import Testing

/// Several accounts' claims on one name, and what they gave up.
@Suite(.timeLimit(.minutes(1)))
struct ClaimStorageTests {
    private let name = DomainName(validated: "shop.example")

    /// Inserts a claim that is not proven.
    @discardableResult
    private func claim(
        _ name: DomainName, by reference: String, in store: Store,
        _ configure: @escaping @Sendable (inout DomainOwnership) -> Void = { _ in }
    ) async throws -> SendingDomain {
        try await store.write { tx in
            let account = try tx.accounts.findOrInsert(reference: reference)
            var ownership = DomainOwnership(.pending)
            ownership.claimedAt = tx.now
            configure(&ownership)
            return try #require(
                try tx.domains.insert(name, accountID: account.id, outbound: OutboundConfiguration(), ownership: ownership))
        }
    }

    @Test func `Every field of a claim is stored`() async throws {
        try await withStore { store in
            let made = try await claim(name, by: "a", in: store) { ownership in
                ownership.state = .review
                ownership.token = "token"
                ownership.needsRecord = true
                ownership.provenAt = Timestamp(milliseconds: 5)
                ownership.claimedAt = Timestamp(milliseconds: 7)
                ownership.identity = .made
            }
            #expect(try await store.read { try $0.domains.find(named: name) } == made)
        }
    }

    @Test func `A name means the account's own, the proven one, or the oldest claim`() async throws {
        try await withStore { store in
            let first = try await claim(name, by: "a", in: store)
            let second = try await claim(name, by: "b", in: store)
            let read = try await store.read { tx in
                try [tx.domains.find(named: name), tx.domains.find(named: name, of: second.accountID), tx.domains.findProven(name)]
            }
            #expect(read.map { $0?.id } == [first.id, second.id, nil])
            try await store.write { tx in
                var proven = try #require(try tx.domains.find(second.id))
                proven.prove(at: tx.now)
                tx.domains.update(proven)
                #expect(try tx.domains.find(named: name)?.id == second.id)
                #expect(try tx.domains.find(named: name, of: first.accountID)?.id == first.id)
            }
            let after = try await store.read { try [$0.domains.find(named: name), $0.domains.findProven(name)] }
            #expect(after.map { $0?.id } == [second.id, second.id])
            #expect(try await store.read { try $0.domains.listClaims(on: name) }.map(\.id) == [first.id, second.id])
        }
    }

    @Test func `One claim of an account and one proven domain of a name are inserted`() async throws {
        try await withStore { store in
            let first = try await claim(name, by: "a", in: store)
            let again = try await store.write {
                try $0.domains.insert(
                    name, accountID: first.accountID, outbound: OutboundConfiguration(), ownership: DomainOwnership(.pending))
            }
            #expect(again == nil)
            let proven = try await store.makeDomain("shop.example", account: "b")
            await #expect(throws: StorageError.self) { try await store.makeDomain("shop.example", account: "c") }
            #expect(try await store.read { try $0.domains.findProven(name) } == proven)
        }
    }

    @Test func `A name with several claims costs the statements of one`() async throws {
        try await withCountedStore { store, database in
            let owner = try await store.makeDomain("shop.example", account: "owner")
            func cost() async throws -> Int {
                try await database.statements {
                    try await store.write(.domain(name)) { tx in
                        _ = try tx.domains.findProven(name)
                        _ = try tx.domains.find(named: name, of: 999)
                        _ = try tx.domains.listClaims(on: name)
                        var domain = try #require(try tx.domains.find(named: name, of: owner.accountID))
                        _ = domain.admit(1, by: Gate())
                        tx.domains.update(domain)
                    }
                }
            }
            let alone = try await cost()
            for reference in ["a", "b", "c"] { try await claim(name, by: reference, in: store) }
            #expect(try await cost() == alone)
        }
    }

    @Test func `What an account gave up last comes back to it`() async throws {
        try await withStore { store in
            let old = try await store.makeDomain("shop.example", account: "a") { $0.outbound.dailyLimit = 1 }
            try await store.write { try $0.domains.giveUp(old) }
            let new = try await store.makeDomain("shop.example", account: "a") { $0.outbound.dailyLimit = 2 }
            let found = try await store.write { tx in
                try tx.domains.giveUp(new)
                return try tx.domains.findGivenUp(name, by: new.accountID)
            }
            #expect([old.id, new.id].contains(try #require(found).id) && found?.deletedAt == store.now)
            #expect(try await store.write { try $0.domains.findGivenUp(name, by: new.accountID + 1) } == nil)
        }
    }

    @Test func `The history of a name is what others have proven or claim`() async throws {
        try await withStore { store in
            func history() async throws -> NameHistory { try await store.read { try $0.domains.history(of: name, withoutAccount: 0) } }
            #expect(try await history() == NameHistory())
            let bare = try await claim(name, by: "a", in: store)
            #expect(try await history().isOrWasHeld)
            try await store.write { try $0.domains.giveUp(bare) }
            #expect(try await history() == NameHistory())
            let suspended = try await store.makeDomain("shop.example", account: "b") { domain in
                domain.ownership.prove(at: domain.createdAt)
                domain.suspend(reason: "spam", at: domain.createdAt)
            }
            try await store.write { try $0.domains.giveUp(suspended) }
            let after = try await history()
            #expect(after.isOrWasHeld && after.wasGivenUpSuspended)
            #expect(try await store.read { try $0.domains.history(of: name, withoutAccount: suspended.accountID) } == NameHistory())
            #expect(try await store.read { try $0.domains.wasGivenUp(DomainName(validated: "mail.shop.example"), by: suspended.accountID) })
        }
    }

    @Test(arguments: [
        ("mail.shop.example", true), ("example.example", false), ("a.b.shop.example", true), ("myshop.example", false),
        ("shop.example", false),
    ])
    func `A name above or below a proven one of another account is known`(other: String, isRelated: Bool) async throws {
        try await withStore { store in
            let owner = try await store.makeDomain("shop.example", account: "owner")
            let other = DomainName(validated: other)
            #expect(try await store.read { try $0.domains.hasProvenRelative(of: other, withoutAccount: 0) } == isRelated)
            #expect(try await !store.read { try $0.domains.hasProvenRelative(of: other, withoutAccount: owner.accountID) })
            let below = try await store.makeDomain("deep.mail.\(other)", account: "below").accountID
            #expect(try await store.read { try $0.domains.hasProvenRelative(of: other, withoutAccount: owner.accountID) })
            #expect(try await store.read { try $0.domains.hasProvenRelative(of: other, withoutAccount: below) } == isRelated)
        }
    }

    @Test func `Unproven domains are counted by account, and lapse by their age`() async throws {
        try await withStore { store in
            let time = store.now
            let first = try await claim(name, by: "a", in: store) { $0.claimedAt = time - .seconds(20) }
            let second = try await claim(DomainName(validated: "b.example"), by: "a", in: store) { $0.claimedAt = nil }
            try await claim(DomainName(validated: "c.example"), by: "b", in: store) {
                ($0.state, $0.claimedAt) = (.review, time - .seconds(20))
            }
            _ = try await store.makeDomain("d.example", account: "a")
            #expect(try await store.read { try $0.domains.hasUnproven(atLeast: 2, of: first.accountID) })
            #expect(try await !store.read { try $0.domains.hasUnproven(atLeast: 3, of: first.accountID) })
            let lapsing = try await store.write { try $0.domains.listLapsing(claimedBefore: time - .seconds(10), limit: 9) }
            #expect(lapsing.map(\.id) == [second.id, first.id])
            #expect(try await store.read { try $0.domains.listInReview(limit: 9) }.map(\.name.description) == ["c.example"])
        }
    }

    @Test func `Senders in a domain and below it fail with it`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example", account: "a")
            let other = try await store.makeDomain("other.example", account: "b")
            let addresses = ["a@shop.example", "b@mail.shop.example", "c@myshop.example", "d@shop.example", "e@shop.example"]
            try await store.write { tx in
                for (index, address) in addresses.enumerated() {
                    let owner = index == 3 ? other.accountID : domain.accountID
                    var sender = try #require(try tx.senders.insert(EmailAddress(address), accountID: owner))
                    if index < 4 { sender.status = .verified }
                    try tx.senders.update(sender)
                }
            }
            let failed = try await store.write { try $0.senders.fail(in: domain.name, of: domain.accountID) }
            #expect(Set(failed.map(\.description)) == ["a@shop.example", "b@mail.shop.example"])
            let states = try await store.read { tx in try addresses.map { try tx.senders.find(EmailAddress($0))?.status } }
            #expect(states == [.failed, .failed, .verified, .verified, .requested])
        }
    }

    @Test(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"))
    func `Of two nodes that decide about a name the second sees what the first did`() async throws {
        try await withNodes(2) { nodes in
            let first = try await claim(name, by: "a", in: nodes[0])
            let second = try await claim(name, by: "b", in: nodes[0])
            let proofs = try await withThrowingTaskGroup(of: Bool.self) { group in
                for (node, id) in zip(nodes, [first.id, second.id]) {
                    group.addTask {
                        try await node.write { tx in
                            try tx.domains.lock(name)
                            guard try tx.domains.findProven(name) == nil, var domain = try tx.domains.find(id) else { return false }
                            domain.prove(at: tx.now)
                            tx.domains.update(domain)
                            return true
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(proofs.sorted { !$0 && $1 } == [false, true])
        }
    }
}
