import Access
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AuthenticatorTests {
    private let master = "master-token-of-the-test"

    private func withAccess(_ body: (Authenticator, KeyService, TestClock, Store) async throws -> Void) async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let authenticator = Authenticator(store: store, masterToken: master)
            try await body(authenticator, KeyService(store: store, authenticator: authenticator), clock, store)
        }
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Bearer  ", "Basic bWFzdGVy", "mk_abc", "Bearer a b", "Bearer a\tb", "Bearer ä", "Bearer, x",
        "Bearerx y",
        "Bearer " + String(repeating: "x", count: 4090),
    ])
    func malformedHeader(header: String?) async throws {
        try await withAccess { authenticator, _, _, _ in
            let error = await #expect(throws: AuthenticationError.self) {
                try await authenticator.authenticate(authorizationHeader: header, from: "a")
            }
            #expect(error?.description == "Invalid authorization header format")
        }
    }

    @Test(arguments: ["Bearer master-token-of-the-test", "bearer master-token-of-the-test", "BEARER   master-token-of-the-test"])
    func masterToken(header: String) async throws {
        try await withAccess { authenticator, _, _, _ in
            let principal = try await authenticator.authenticate(authorizationHeader: header, from: "a")
            #expect(principal == Principal.master.calling(from: "a"))
        }
    }

    @Test func clientKey() async throws {
        try await withAccess { authenticator, keys, _, _ in
            let (key, token) = try await keys.create(NewKey(accountReference: "acme", name: "Ann", scopes: [.send]), by: .master).parts
            let principal = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            #expect(principal == Principal.client(key).calling(from: "a"))
            #expect(key.name == "Ann")
            #expect(principal.may(.emailsSend) && !principal.may(.emailsRead))
            // Again, from the cache.
            #expect(try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a") == principal)
        }
    }

    @Test(arguments: ["Bearer nobody", "Bearer master-token-of-the-tes", "Bearer master-token-of-the-test2"])
    func unknownKey(header: String) async throws {
        try await withAccess { authenticator, _, _, _ in
            let error = await #expect(throws: AuthenticationError.self) {
                try await authenticator.authenticate(authorizationHeader: header, from: "a")
            }
            #expect(error?.description == "Invalid API key")
        }
    }

    /// A key revoked through this node is refused at once, although it is cached.
    @Test func revokedHere() async throws {
        try await withAccess { authenticator, keys, _, _ in
            let (key, token) = try await keys.create(NewKey(accountReference: "acme"), by: .master).parts
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            var changes = KeyChanges()
            changes.isActive = false
            _ = try await keys.update(key.id, changes, by: .master)
            let error = await #expect(throws: AuthenticationError.self) {
                try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            }
            #expect(error?.description == "API key is deactivated")
            try await keys.delete(key.id, by: .master)
            let gone = await #expect(throws: AuthenticationError.self) {
                try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            }
            #expect(gone?.description == "Invalid API key")
        }
    }

    /// A key revoked on another node is refused within five seconds.
    @Test func revokedElsewhere() async throws {
        try await withAccess { authenticator, keys, clock, store in
            let (key, token) = try await keys.create(NewKey(accountReference: "acme"), by: .master).parts
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            _ = try await store.write { try $0.keys.delete(key.id) }
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            clock.advance(by: .seconds(5))
            await #expect(throws: AuthenticationError(reason: .unknownKey)) {
                try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            }
        }
    }

    @Test func expiry() async throws {
        try await withAccess { authenticator, keys, clock, _ in
            let (_, token) = try await keys.create(NewKey(accountReference: "acme", expiresAt: clock.now + .seconds(2)), by: .master).parts
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            clock.advance(by: .seconds(2))
            let error = await #expect(throws: AuthenticationError.self) {
                try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            }
            #expect(error?.description == "API key has expired")
        }
    }

    @Test func lastUse() async throws {
        try await withAccess { authenticator, keys, clock, _ in
            let (key, token) = try await keys.create(NewKey(accountReference: "acme"), by: .master).parts
            #expect(key.lastUsedAt == nil)
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            clock.advance(by: .seconds(1))
            let lastUse = clock.now
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            clock.advance(by: .seconds(30))
            try await authenticator.recordUses()
            #expect(try await keys.list(by: .master).first?.lastUsedAt == lastUse)
        }
    }
}
