import MailModel
import TestSupport
import Testing

@testable import Storage

/// What the provider pauses and says, on both engines.
@Suite(.timeLimit(.minutes(1)))
struct ProviderStorageTests {
    private let clock = TestClock()

    @Test func `a pause is shown from its first refusal until mail is taken again, or none is tried`() async throws {
        try await withStore(clock: clock) { store in
            let scopes: [SendingScope] = [.tenant("acme"), .configurationSet("mail"), .identity("shop.example")]
            let began = clock.now
            for scope in scopes { try await store.write { try $0.sendingPauses.insert(scope, reason: "paused") } }
            clock.advance(by: .seconds(30))
            try await store.write { try $0.sendingPauses.insert(scopes[0], reason: "still paused") }
            let found = try await store.read { try $0.sendingPauses.list() }
            #expect(Set(found.map(\.scope)) == Set(scopes) && found.allSatisfy { $0.since == began })
            let own = try await store.read { try $0.sendingPauses.list(of: [.tenant("acme"), .tenant("other")]) }
            #expect(own == [SendingPause(scope: scopes[0], reason: "still paused", since: began, refusedAt: clock.now)])
            try await store.write { try $0.sendingPauses.delete([scopes[0]]) }
            #expect(try await store.read { try $0.sendingPauses.list() }.count == 2)
            clock.advance(by: ParkedScopes.memory)
            #expect(try await store.read { try $0.sendingPauses.list() }.isEmpty)
        }
    }

    @Test func `tenants are stored with their resources`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let subjects: [TenantSubject] = [.account(domain.accountID), .domain(domain.id)]
            for subject in subjects {
                let name = subject.tenantName(for: "shop.example")
                try await store.write { tx in
                    try tx.providerTenants.insert(subject, name: name, arn: "arn:1")
                    // Another node has made the same.
                    try tx.providerTenants.insert(subject, name: name, arn: "arn:2")
                    for _ in 0..<2 { try tx.providerTenants.insert(resource: "identity/shop.example", of: name) }
                }
                #expect(
                    try await store.read { try $0.providerTenants.find(subject) }
                        == ProviderTenant(subject: subject, name: name, arn: "arn:2"))
                #expect(try await store.read { try $0.providerTenants.resources(of: name) } == ["identity/shop.example"])
            }
            #expect(try await store.read { try $0.providerTenants.count() } == 2)
            let listed = try await store.read { try $0.providerTenants.list(of: domain.accountID) }
            #expect(listed.map(\.domain) == [nil, domain.name] && listed.map(\.tenant.subject) == subjects)
            let name = subjects[0].tenantName(for: "shop.example")
            try await store.write { try $0.providerTenants.delete(named: name) }
            #expect(try await store.read { try $0.providerTenants.resources(of: name) }.isEmpty)
            #expect(try await store.read { try $0.providerTenants.count() } == 1)
        }
    }

    @Test func `a verdict is stored, and the longest unchecked tenant is the next`() async throws {
        try await withStore(clock: clock) { store in
            for (number, name) in zip(Int64(1)..., ["a", "b"]) {
                try await store.write { try $0.providerTenants.insert(.domain(number), name: name, arn: "arn:\(name)") }
            }
            let verdict = ProviderVerdict(
                status: .disabled, providerStatus: .disabled, providerCause: "c", ownerStatus: .enabled, ownerCause: "o", impact: "HIGH",
                policy: "standard")
            let first = clock.now
            let before = try await store.write { try $0.providerTenants.update(verdict, of: "a") }
            #expect(before == nil)
            clock.advance(by: .seconds(10))
            #expect(try await store.read { try $0.providerTenants.list(checkedBefore: first, limit: 9) }.map(\.name) == ["b"])
            let again = try await store.write { try $0.providerTenants.update(verdict, of: "a") }
            #expect(again == verdict)
            let stored = try #require(try await store.read { try $0.providerTenants.find(.domain(1)) })
            #expect(stored.verdict == verdict && stored.checkedAt == clock.now && stored.changedAt == first)
            let later = clock.now + .seconds(1)
            let all = try await store.read { try $0.providerTenants.list(checkedBefore: later, limit: 9) }
            #expect(all.map(\.name) == ["b", "a"])
        }
    }

    @Test func `the route of a domain is its name and tier`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            #expect(
                try await store.read { try $0.domains.findRouting(domain.id) } == DomainRouting(name: domain.name, tier: .shared))
            #expect(try await store.read { try $0.domains.findRouting(-1) } == nil)
        }
    }
}
