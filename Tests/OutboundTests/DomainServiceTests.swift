import MailModel
import Outbound
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DomainServiceTests {
    private func withService<Value>(
        clock: TestClock = TestClock(), gate: Gate = Gate(), _ body: (DomainService, Store) async throws -> Value
    ) async throws -> Value {
        try await withStore(clock: clock) { store in
            try await body(DomainService(store: store, gate: gate, defaults: .init(dailyLimit: 10, monthlyLimit: 100)), store)
        }
    }

    @Test
    func `a new domain has the limits of the settings and is the caller's`() async throws {
        try await withService { service, store in
            let domain = try await service.create(name: "Example.COM.", partnerReference: "acme", by: .master)
            #expect(domain.name.description == "example.com")
            #expect(domain.outbound.dailyLimit == 10)
            #expect(domain.outbound.monthlyLimit == 100)
            let client = Principal.client(of: domain)
            let second = try await service.create(name: "second.example", partnerReference: "other", by: client)
            #expect(second.accountID == domain.accountID)
            let unowned = try await service.create(name: "third.example", partnerReference: nil, by: .master)
            #expect(try await store.read { try $0.accounts.find(unowned.accountID)?.reference } == "default")
            #expect(try await service.list(by: client, after: nil, limit: 10).map(\.name.description) == ["second.example", "example.com"])
            #expect(try await service.list(by: .master, after: unowned.id, limit: 1).map(\.id) == [second.id])
        }
    }

    @Test
    func `taken and invalid names are refused`() async throws {
        try await withService { service, _ in
            _ = try await service.create(name: "example.com", partnerReference: nil, by: .master)
            let taken = try await refusal { try await service.create(name: "EXAMPLE.com", partnerReference: "b", by: .master) }
            #expect(taken?.kind == .alreadyExists)
            #expect(taken?.description == "Domain already exists")
            for name in ["", "nodot", "a..b", "exa mple.com", "-a.example", "1.2.3.4"] {
                #expect(
                    try await refusal { try await service.create(name: name, partnerReference: nil, by: .master) }?.field
                        == "name")
            }
            for reference in ["", " a", "a\n", String(repeating: "x", count: 256)] {
                #expect(
                    try await refusal { try await service.create(name: "new.example", partnerReference: reference, by: .master) }?.field
                        == "partner_ref")
            }
        }
    }

    @Test
    func `a domain of another account does not exist`() async throws {
        try await withService { service, store in
            let own = try await store.makeDomain("own.example", account: "acme")
            _ = try await store.makeDomain("foreign.example", account: "other")
            let client = Principal.client(of: own)
            var changes = OutboundChanges()
            changes.dailyLimit = 1
            let calls: [(String) async throws -> Void] = [
                { _ = try await service.find($0, by: client) },
                { try await service.delete($0, by: client) },
                { [changes] in _ = try await service.update($0, changes, by: client) },
                { _ = try await service.increment($0, by: 1, principal: client) },
            ]
            for name in ["foreign.example", "absent.example", "no name"] {
                for call in calls {
                    #expect(try await refusal { try await call(name) }?.kind == .notFound)
                }
            }
            #expect(try await service.find("foreign.example", by: .master).outbound.dailyLimit == 0)
            #expect(try await service.find("OWN.example", by: client).id == own.id)
        }
    }

    @Test
    func `a deleted domain is gone and its name is free`() async throws {
        try await withService { service, store in
            let domain = try await store.makeDomain("example.com")
            try await service.delete("example.com", by: .client(of: domain))
            #expect(try await refusal { try await service.find("example.com", by: .master) }?.kind == .notFound)
            let again = try await service.create(name: "example.com", partnerReference: "other", by: .master)
            #expect(again.id != domain.id)
            #expect(!again.verification.isVerified)
        }
    }

    @Test
    func `the master moves a domain to another account`() async throws {
        try await withService { service, store in
            let domain = try await store.makeDomain("example.com", account: "acme")
            let moved = try await service.changeOwner(of: "example.com", to: "globex", by: .master)
            #expect(try await store.read { try $0.accounts.find(moved.accountID)?.reference } == "globex")
            #expect(try await refusal { try await service.find("example.com", by: .client(of: domain)) }?.kind == .notFound)
        }
    }

    @Test
    func `emails are billed to the account that owned the domain when they were sent`() async throws {
        try await withService { service, store in
            _ = try await store.makeDomain("example.com", account: "acme")
            _ = try await store.makeDomain("idle.example", account: "acme")
            _ = try await service.increment("example.com", by: 5, principal: .master)
            let moved = try await service.changeOwner(of: "example.com", to: "globex", by: .master)
            // The month begins anew for the new owner's limit and bill, the day goes on.
            #expect(moved.counters.sentThisMonth == 0)
            #expect(moved.counters.sentToday == 5)
            _ = try await service.changeOwner(of: "example.com", to: "globex", by: .master)
            _ = try await service.changeOwner(of: "idle.example", to: "globex", by: .master)
            _ = try await service.increment("example.com", by: 3, principal: .master)
            let reset = try await service.resetMonthly()
            let expected =
                [("example.com", "acme", 5), ("example.com", "globex", 3), ("idle.example", "globex", 0)] as [(String, String, Int64)]
            for (name, owner, sent) in expected {
                let entries = reset.frozen.filter { $0.name.description == name && $0.accountReference == owner }
                #expect(entries.map(\.counters.sent) == [sent], "\(name) of \(owner)")
            }
            #expect(reset.frozen.count == expected.count)
            let bill = try await service.billing(of: store.now.month)
            #expect(bill.domains.map(\.accountReference) == ["acme", "globex", "globex"])
            #expect(bill.domains.map(\.counters.sent) == [5, 3, 0])
        }
    }

    /// A change of owner shares its transaction with messages that the gate allowed before it: they count for the previous account.
    @Test
    func `emails count for the reputation of the account that owned the domain when they were sent`() async throws {
        try await withService { _, store in
            let domain = try await store.makeDomain("example.com", account: "acme")
            let globex = try await store.write { tx in
                var sending = domain
                _ = sending.admit(4, by: Gate())
                tx.domains.update(sending)
                let globex = try tx.accounts.findOrInsert(reference: "globex")
                var moved = try tx.domains.changeOwner(of: sending, to: globex)
                _ = moved.admit(2, by: Gate())
                tx.domains.update(moved)
                return globex
            }
            #expect(try await store.read { try $0.reputation.window(of: domain.accountID) }.counts.sent == 4)
            #expect(try await store.read { try $0.reputation.window(of: globex.id) }.counts.sent == 2)
        }
    }

    @Test
    func `a client changes the two limits and nothing else`() async throws {
        try await withService { service, store in
            let domain = try await store.makeDomain("example.com")
            let client = Principal.client(of: domain)
            var limits = OutboundChanges()
            limits.dailyLimit = 500
            limits.monthlyLimit = 10_000
            #expect(try await service.update("example.com", limits, by: client).outbound.monthlyLimit == 10_000)
            let forbidden: [(String, (inout OutboundChanges) -> Void)] = [
                ("outbound_tier", { $0.tier = .dedicated }), ("outbound_enforcement", { $0.enforcement = .soft }),
                ("outbound_status", { $0.status = .active }), ("warmup_profile", { $0.warmupProfile = .fast }),
                ("spike_max_multiplier", { $0.spikeMaxMultiplier = 2 }),
            ]
            for (field, set) in forbidden {
                var changes = OutboundChanges()
                changes.dailyLimit = 7
                set(&changes)
                let forbidden = try await refusal { try await service.update("example.com", changes, by: client) }
                #expect(forbidden?.kind == .forbidden)
                #expect(forbidden?.description == "Master token required to change \(field)")
            }
            #expect(try await service.find("example.com", by: client).outbound.dailyLimit == 500)
        }
    }

    @Test
    func `a value out of range changes nothing`() async throws {
        try await withService { service, store in
            _ = try await store.makeDomain("example.com")
            let faults: [(String, (inout OutboundChanges) -> Void)] = [
                ("outbound_daily_limit", { $0.dailyLimit = -1 }), ("outbound_monthly_limit", { $0.monthlyLimit = .min }),
                ("spike_max_multiplier", { $0.spikeMaxMultiplier = -0.1 }), ("spike_max_multiplier", { $0.spikeMaxMultiplier = .nan }),
                ("spike_max_multiplier", { $0.spikeMaxMultiplier = 1e9 }),
            ]
            for (field, set) in faults {
                var changes = OutboundChanges()
                changes.tier = .dedicated
                set(&changes)
                #expect(try await refusal { try await service.update("example.com", changes, by: .master) }?.field == field)
            }
            #expect(try await service.find("example.com", by: .master).outbound == OutboundConfiguration())
        }
    }

    @Test
    func `suspending gives a reason, reactivating a fresh window, and a warm-up begins today`() async throws {
        let clock = TestClock()
        try await withService(clock: clock) { service, store in
            _ = try await store.makeDomain("example.com") { domain in
                domain.counters.sentThisMonth = 10
                domain.counters.bounces = 3
            }
            var changes = OutboundChanges()
            changes.status = .suspended
            changes.warmupProfile = .standard
            let suspended = try await service.update("example.com", changes, by: .master)
            #expect(suspended.outbound.suspendedReason == "suspended by the operator")
            #expect(suspended.outbound.suspendedAt == clock.now)
            #expect(suspended.outbound.warmupStartedOn == clock.now.day)
            clock.advance(by: .seconds(86_400))
            let again = try await service.update("example.com", changes, by: .master)
            #expect(again.outbound.suspendedAt == suspended.outbound.suspendedAt)
            #expect(again.outbound.warmupStartedOn == suspended.outbound.warmupStartedOn)
            changes.status = .active
            changes.warmupProfile = WarmupProfile.none
            let active = try await service.update("example.com", changes, by: .master)
            #expect(active.outbound.suspendedReason == nil)
            #expect(active.outbound.suspendedAt == nil)
            #expect(active.outbound.warmupStartedOn == nil)
            #expect(active.counters.reactivation == .init(sent: 10, bounces: 3))
        }
    }

    @Test
    func `activating an active domain opens no window`() async throws {
        try await withService { service, store in
            _ = try await store.makeDomain("example.com") { $0.counters.bounces = 3 }
            var changes = OutboundChanges()
            changes.status = .active
            #expect(try await service.update("example.com", changes, by: .master).counters.reactivation == nil)
        }
    }
}
