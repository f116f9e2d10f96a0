import Access
import MailModel
import Storage
import TestSupport
import Testing

/// Two nodes change one key at the same time.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct KeyRaceTests {
    private static func service(_ store: Store) -> KeyService {
        KeyService(store: store, authenticator: Authenticator(store: store, masterToken: "master"))
    }

    /// Creates a key, deactivates it on the first node, and runs a change on the second meanwhile.
    private func whileOneIsDeactivated(_ other: @escaping @Sendable (KeyService, Int64) async throws -> APIKey) async throws -> APIKey {
        try await withNodePair { nodes in
            let key = try await Self.service(nodes.first).create(NewKey(accountReference: "acme"), by: .master).key
            let changed = try await nodes.whileHeld {
                var revocation = KeyChanges()
                revocation.isActive = false
                _ = try $0.keys.update(key.id, revocation)
            } _: { node in
                try await other(Self.service(node), key.id)
            }
            #expect(try await Self.service(nodes.second).list(by: .master) == [changed])
            return changed
        }
    }

    @Test func aDeactivatedKeyStaysSoWhenItIsRenamed() async throws {
        let key = try await whileOneIsDeactivated { keys, id in
            var changes = KeyChanges()
            changes.name = "Ann"
            return try await keys.update(id, changes, by: .master)
        }
        #expect(key.name == "Ann" && !key.isActive)
    }

    @Test func simultaneousChangesAreBothStored() async throws {
        let key = try await whileOneIsDeactivated { keys, id in
            var changes = KeyChanges()
            changes.scopes = [.read]
            changes.expiresAt = .some(TestClock().now + .seconds(60))
            return try await keys.update(id, changes, by: .master)
        }
        #expect(key.scopes == [.read] && key.expiresAt == TestClock().now + .seconds(60) && !key.isActive)
    }

    @Test func aKeyThatIsBeingDeletedIsNotFound() async throws {
        try await withNodePair { nodes in
            let key = try await Self.service(nodes.first).create(NewKey(accountReference: "acme"), by: .master).key
            var renaming = KeyChanges()
            renaming.name = "Ann"
            let error = try await nodes.whileHeld {
                _ = try $0.keys.delete(key.id)
            } _: { [renaming] node in
                let keys = Self.service(node)
                return await #expect(throws: Refusal.self) { try await keys.update(key.id, renaming, by: .master) }
            }
            #expect(error?.kind == .notFound)
        }
    }
}
