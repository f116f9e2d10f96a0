import CoreMetrics
import Logging
import MailModel
import PolicyServer
import Storage
import TestSupport
import Testing

/// Claims that are not proven: mail servers take them as unknown domains (specification 3.11).
@Suite(.timeLimit(.minutes(1)))
struct PolicyClaimTests {
    private func action(_ store: Store, sender: String, login: String = "", parents: Bool = false) async -> PolicyAction {
        var rules = PolicyRules()
        rules.unknownDomain = .deferred
        rules.usesParentDomain = parents
        let service = PolicyService(
            store: store, gate: Gate(), rules: rules, metrics: NOOPMetricsHandler.instance,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return await service.action(for: .sample { ($0.sender, $0.saslUsername) = (sender, login) })
    }

    private func claim(_ name: String, by reference: String, in store: Store) async throws {
        try await store.write { tx in
            let account = try tx.accounts.findOrInsert(reference: reference)
            _ = try tx.domains.insert(
                DomainName(validated: name), accountID: account.id, outbound: OutboundConfiguration(), ownership: DomainOwnership(.pending))
        }
    }

    @Test func `An unproven claim is unknown, and hides no proven domain`() async throws {
        try await withStore { store in
            try await claim("bare.example", by: "b", in: store)
            #expect(await action(store, sender: "a@bare.example").verb == .deferIfPermit)
            #expect(await action(store, sender: "a@none.example").verb == .deferIfPermit)
            try await claim("shop.example", by: "b", in: store)
            try await claim("mail.shop.example", by: "b", in: store)
            _ = try await store.makeDomain("shop.example", account: "a")
            #expect(await action(store, sender: "a@shop.example") == .dunno)
            #expect(await action(store, sender: "a@mail.shop.example", parents: true) == .dunno)
        }
    }

    @Test func `What the master made, or the login's own account claims, is refused as not verified`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("made.example", account: "a", isVerified: false)
            #expect(await action(store, sender: "a@made.example").verb == .reject)
            _ = try await store.makeDomain("own.example", account: "b")
            try await claim("bare.example", by: "b", in: store)
            try await claim("foreign.example", by: "c", in: store)
            #expect(await action(store, sender: "a@bare.example", login: "u@own.example").verb == .reject)
            #expect(await action(store, sender: "a@foreign.example", login: "u@own.example").verb == .deferIfPermit)
            // The login's domain is a bare claim itself.
            #expect(await action(store, sender: "a@foreign.example", login: "u@bare.example").verb == .deferIfPermit)
        }
    }
}
