import Callbacks
import MailModel
import Storage
import TestSupport
import Testing

/// Two nodes change the endpoints or the secret of one account at the same time.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct CallbackRaceTests {
    private static let url = "https://hooks.example/1"

    private static func service(_ store: Store) -> CallbackService {
        CallbackService(store: store, policy: AddressPolicy(allowsPrivate: true, allowsHTTP: true))
    }

    private func withAccount(_ body: (NodePair, Account) async throws -> Void) async throws {
        try await withNodePair { nodes in
            try await body(nodes, try await nodes.first.write { try $0.accounts.findOrInsert(reference: "acme") })
        }
    }

    @Test func aConcurrentChangeOfEventsKeepsAnEndpointInactive() async throws {
        try await withAccount { nodes, account in
            let endpoint = try await Self.service(nodes.first).create(Self.url, events: [], isActive: true, for: account, by: .master)
            let changed = try await nodes.whileHeld {
                _ = try $0.callbackEndpoints.update(endpoint, CallbackEndpointChanges(isActive: false))
            } _: { node in
                try await Self.service(node).update(endpoint.id, CallbackEndpointChanges(events: ["SENT"]), by: .master)
            }
            #expect(!changed.isActive && changed.events == ["SENT"])
            #expect(try await Self.service(nodes.second).endpoints(of: account) == [changed])
        }
    }

    @Test func anEndpointBeingDeletedIsNotFound() async throws {
        try await withAccount { nodes, account in
            let endpoint = try await Self.service(nodes.first).create(Self.url, events: [], isActive: true, for: account, by: .master)
            let error = try await nodes.whileHeld {
                try $0.callbackEndpoints.delete(endpoint)
            } _: { node in
                await #expect(throws: Refusal.self) {
                    try await Self.service(node).update(endpoint.id, CallbackEndpointChanges(isActive: true), by: .master)
                }
            }
            #expect(error?.kind == .notFound)
        }
    }

    @Test func aURLIsInsertedOnce() async throws {
        try await withAccount { nodes, account in
            let error = try await nodes.whileHeld {
                try $0.accounts.lock(account.id)
                _ = try $0.callbackEndpoints.insert(of: account.id, url: Self.url, events: [], isActive: true)
            } _: { node in
                await #expect(throws: Refusal.self) {
                    try await Self.service(node).create(Self.url, events: [], isActive: true, for: account, by: .master)
                }
            }
            #expect(error?.kind == .invalid)
            #expect(try await Self.service(nodes.second).endpoints(of: account).count == 1)
        }
    }

    /// Each of them was returned to a caller, and is signed with during the overlap.
    @Test func ofTwoConcurrentRotationsTheSecondReplacesTheFirstSecret() async throws {
        try await withAccount { nodes, account in
            let original = try await Self.service(nodes.first).secret(of: account)
            let last = try await nodes.whileHeld {
                _ = try $0.callbackEndpoints.rotateSecret(of: account.id, overlap: .seconds(60))
            } _: { node in
                try await Self.service(node).rotateSecret(of: account, by: .master)
            }
            #expect(last.previous != nil && last.previous != original.value && last.previous != last.value)
            #expect(try await Self.service(nodes.second).secret(of: account) == last)
        }
    }
}
