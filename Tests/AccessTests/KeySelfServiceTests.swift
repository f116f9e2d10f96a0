import Access
import MailModel
import Storage
import TestSupport
import Testing

/// What customers may do with keys of their own account (specification 2.9).
@Suite(.timeLimit(.minutes(1)))
struct KeySelfServiceTests {
    private struct Keys {
        let store: Store
        let service: KeyService
        let clock: TestClock

        /// A caller with a key of these values.
        func customer(_ new: NewKey = NewKey(accountReference: "acme")) async throws -> Principal {
            let created = try await service.create(new, by: .master)
            return .client(created.key)
        }

        /// The refusal of a change.
        func refusal(_ change: () async throws -> Void) async throws -> Refusal? {
            do {
                try await change()
                return nil
            } catch let refusal as Refusal {
                return refusal
            }
        }

        func audit() async throws -> [AuditEntry] {
            try await store.read { try $0.audit.list(matching: AuditFilter(), of: nil, after: nil, limit: 100) }
        }
    }

    private func withKeys(_ body: (Keys) async throws -> Void) async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let service = KeyService(store: store, authenticator: Authenticator(store: store, masterToken: "master"))
            try await body(Keys(store: store, service: service, clock: clock))
        }
    }

    private static let domains = ["a.example", "b.example"].map(DomainName.init(validated:))
    private static let networks = ["10.0.0.0/8"].compactMap(IPNetwork.init)
    private static let end = TestClock().now + .seconds(3600)

    private static var bound: NewKey {
        NewKey(
            accountReference: "acme", name: "Ann", scopes: [.read, .manage], expiresAt: end, domains: domains, networks: networks,
            rateLimit: 10)
    }

    @Test func `a key that is made by a bound one has its bounds where none are given`() async throws {
        try await withKeys { keys async throws in
            let customer = try await keys.customer(Self.bound)
            let (key, _) = try await keys.service.create(NewKey(name: "Bob"), by: customer).parts
            #expect(key.account.reference == "acme" && key.name == "Bob")
            #expect(
                key.rights
                    == KeyRights(
                        scopes: [.read, .manage], bounds: KeyBounds(domains: Self.domains, networks: Self.networks, rateLimit: 10),
                        expiresAt: Self.end))
            let narrower = NewKey(
                accountReference: "acme", scopes: [.read], expiresAt: Self.end - .seconds(1), domains: [Self.domains[0]],
                networks: ["10.1.0.0/16", "10.2.3.4"].compactMap(IPNetwork.init), rateLimit: 5)
            #expect(try await keys.service.create(narrower, by: customer).key.bounds.rateLimit == 5)
        }
    }

    private static let excesses: [(KeyRights.Kind, @Sendable (inout NewKey) -> Void)] = [
        (.scopes, { $0.scopes = [.send] }), (.domains, { $0.domains = [DomainName(validated: "c.example")] }),
        (.domains, { $0.domains = [] }), (.networks, { $0.networks = ["11.0.0.1"].compactMap(IPNetwork.init) }),
        (.networks, { $0.networks = ["0.0.0.0/0"].compactMap(IPNetwork.init) }), (.networks, { $0.networks = [] }),
        (.rateLimit, { $0.rateLimit = 11 }), (.rateLimit, { $0.rateLimit = .some(nil) }),
        (.expiry, { $0.expiresAt = end + .seconds(1) }), (.expiry, { $0.expiresAt = .some(nil) }),
    ]

    @Test(arguments: excesses.indices)
    func `no key is made with more than the one that asks has`(index: Int) async throws {
        try await withKeys { keys async throws in
            let customer = try await keys.customer(Self.bound)
            let (kind, exceed) = Self.excesses[index]
            var new = NewKey()
            exceed(&new)
            let refusal = try await keys.refusal { [new] in _ = try await keys.service.create(new, by: customer) }
            #expect(refusal?.kind == .forbidden && refusal?.code == .exceedsOwnRights && refusal?.field == kind.rawValue)
            // Nor is one changed to have more.
            let own = try await keys.service.create(NewKey(), by: customer).key
            var changes = KeyChanges()
            (changes.scopes, changes.domains, changes.networks) = (new.scopes, new.domains, new.networks)
            (changes.rateLimit, changes.expiresAt) = (new.rateLimit, new.expiresAt)
            let change = try await keys.refusal { [changes] in _ = try await keys.service.update(own.id, changes, by: customer) }
            #expect(change?.code == .exceedsOwnRights && change?.field == kind.rawValue)
            #expect(try await keys.service.list(by: customer).first == own)
        }
    }

    @Test func `a key with more rights is neither changed, rotated nor revoked`() async throws {
        try await withKeys { keys async throws in
            let customer = try await keys.customer(Self.bound)
            let other = try await keys.service.create(NewKey(accountReference: "acme"), by: .master).key
            let service = keys.service
            let changes: [() async throws -> Void] = [
                { _ = try await service.update(other.id, KeyChanges(), by: customer) },
                { _ = try await service.rotate(other.id, by: customer) },
                { try await service.delete(other.id, by: customer) },
            ]
            for change in changes {
                let refusal = try await keys.refusal(change)
                #expect(refusal?.kind == .forbidden && refusal?.code == .exceedsOwnRights)
            }
            #expect(try await service.list(by: .master).contains(other))
            // One with all of them may.
            let owner = try await keys.customer()
            #expect(try await service.rotate(other.id, overlap: .seconds(1), by: owner).key.id == other.id)
            try await service.delete(other.id, by: owner)
        }
    }

    @Test func `the keys of another account do not exist`() async throws {
        try await withKeys { keys async throws in
            let customer = try await keys.customer()
            let stranger = try await keys.service.create(NewKey(accountReference: "globex"), by: .master).key
            let service = keys.service
            #expect(try await service.list(of: stranger.account.id, by: customer).allSatisfy { $0.account.reference == "acme" })
            for id in [stranger.id, 7] {
                for change: () async throws -> Void in [
                    { _ = try await service.update(id, KeyChanges(), by: customer) }, { _ = try await service.rotate(id, by: customer) },
                    { try await service.delete(id, by: customer) },
                ] {
                    #expect(try await keys.refusal(change) == .notFound("API key"))
                }
            }
            for reference in ["globex", "nobody"] {
                let refusal = try await keys.refusal { _ = try await service.create(NewKey(accountReference: reference), by: customer) }
                #expect(refusal == .notFound("Account"))
            }
            #expect(try await keys.store.read { try $0.accounts.find(reference: "nobody") } == nil)
        }
    }

    /// The caller was authenticated a moment ago, from the cache.
    @Test func `a key that was revoked meanwhile makes no other one`() async throws {
        try await withKeys { keys async throws in
            let service = keys.service
            for (index, code) in [RefusalCode.keyDeactivated, .keyExpired, .scopeMissing, .unknownKey].enumerated() {
                let caller = try await service.create(
                    NewKey(accountReference: "acme", expiresAt: keys.clock.now + .seconds(60)), by: .master
                ).key
                var changes = KeyChanges()
                if index == 0 { changes.isActive = false }
                if index == 2 { changes.scopes = [.read] }
                _ = try await service.update(caller.id, changes, by: .master)
                if index == 1 { keys.clock.advance(by: .seconds(60)) }
                if index == 3 { try await service.delete(caller.id, by: .master) }
                let refusal = try await keys.refusal { _ = try await service.create(NewKey(), by: .client(caller)) }
                #expect(refusal?.code == code)
            }
        }
    }

    @Test func `a customer has a bounded number of keys`() async throws {
        try await withKeys { keys async throws in
            let customer = try await keys.customer()
            guard case .client(let own) = customer.identity else { return }
            try await keys.store.write { tx in
                for number in 1..<KeyService.maximumPerAccount {
                    let hash = withUnsafeBytes(of: number) { Array($0) }
                    _ = try tx.keys.insert(of: own.account, name: "n", rights: KeyRights(scopes: [.read]), tokenHash: hash)
                }
            }
            let refusal = try await keys.refusal { _ = try await keys.service.create(NewKey(), by: customer) }
            #expect(refusal?.code == .limitReached)
            _ = try await keys.service.create(NewKey(accountReference: "acme"), by: .master)
        }
    }

    @Test func `every change is in the audit log, without a secret`() async throws {
        try await withKeys { keys async throws in
            let service = keys.service
            let customer = try await keys.customer().calling(from: "192.0.2.1")
            let (key, token) = try await service.create(
                NewKey(name: "Bob", scopes: [.read], domains: Self.domains, rateLimit: 7), by: customer
            ).parts
            let wait = { keys.clock.advance(by: .milliseconds(1)) }
            var changes = KeyChanges()
            wait()
            _ = try await service.update(key.id, changes, by: customer)
            (changes.name, changes.rateLimit) = ("Eve", .some(nil))
            _ = try await service.update(key.id, changes, by: customer)
            wait()
            let rotated = try await service.rotate(key.id, overlap: .seconds(60), by: customer)
            wait()
            try await service.delete(key.id, by: .master)
            let rows = try await keys.audit().filter { $0.target == "key:\(key.id)" }
            #expect(rows.map(\.action) == ["key.delete", "key.rotate", "key.update", "key.create"])
            #expect(rows.allSatisfy { $0.accountReference == "acme" })
            #expect(rows.map(\.actor.kind) == [.master, .key, .key, .key] && rows[1].actor.address == "192.0.2.1")
            #expect(rows[2].before == ["name": "Bob", "rate_limit": 7] && rows[2].after == ["name": "Eve", "rate_limit": nil])
            #expect(rows[3].after["domains"] == ["a.example", "b.example"] && rows[3].after["scopes"] == ["read"])
            #expect(rows[0].before["name"] == "Eve" && rows[0].after.isEmpty)
            for secret in [token, rotated.token] { #expect(!"\(rows)".contains(secret)) }
        }
    }
}
