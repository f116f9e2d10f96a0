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
            #expect(principal == .master)
        }
    }

    @Test func clientKey() async throws {
        try await withAccess { authenticator, keys, _, _ in
            let (key, token) = try await keys.create(NewKey(accountReference: "acme", name: "Ann", scopes: [.send]))
            let principal = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            #expect(principal == .client(key))
            #expect(key.name == "Ann")
            #expect(principal.allows(.send) && !principal.allows(.read))
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
            let (key, token) = try await keys.create(NewKey(accountReference: "acme"))
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            var changes = KeyChanges()
            changes.isActive = false
            _ = try await keys.update(key.id, changes)
            let error = await #expect(throws: AuthenticationError.self) {
                try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            }
            #expect(error?.description == "API key is deactivated")
            try await keys.delete(key.id)
            let gone = await #expect(throws: AuthenticationError.self) {
                try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            }
            #expect(gone?.description == "Invalid API key")
        }
    }

    /// A key revoked on another node is refused within five seconds.
    @Test func revokedElsewhere() async throws {
        try await withAccess { authenticator, keys, clock, store in
            let (key, token) = try await keys.create(NewKey(accountReference: "acme"))
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
            let (_, token) = try await keys.create(NewKey(accountReference: "acme", expiresAt: clock.now + .seconds(2)))
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            clock.advance(by: .seconds(2))
            let error = await #expect(throws: AuthenticationError.self) {
                try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            }
            #expect(error?.description == "API key has expired")
        }
    }

    /// The eleventh failure of an address within a minute is throttled; valid tokens and other addresses are not.
    @Test func throttle() async throws {
        try await withAccess { authenticator, _, clock, _ in
            for _ in 1...10 {
                await #expect(throws: AuthenticationError(reason: .unknownKey)) {
                    try await authenticator.authenticate(authorizationHeader: "Bearer x", from: "10.0.0.1")
                }
            }
            clock.advance(by: .milliseconds(20_500))
            await #expect(throws: AuthenticationError(reason: .tooManyFailures(retryAfter: 40))) {
                try await authenticator.authenticate(authorizationHeader: nil, from: "10.0.0.1")
            }
            await #expect(throws: AuthenticationError(reason: .unknownKey)) {
                try await authenticator.authenticate(authorizationHeader: "Bearer x", from: "10.0.0.2")
            }
            let principal = try await authenticator.authenticate(authorizationHeader: "Bearer \(master)", from: "10.0.0.1")
            #expect(principal == .master)
            clock.advance(by: .seconds(40))
            await #expect(throws: AuthenticationError(reason: .unknownKey)) {
                try await authenticator.authenticate(authorizationHeader: "Bearer x", from: "10.0.0.1")
            }
        }
    }

    @Test func lastUse() async throws {
        try await withAccess { authenticator, keys, clock, _ in
            let (key, token) = try await keys.create(NewKey(accountReference: "acme"))
            #expect(key.lastUsedAt == nil)
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            clock.advance(by: .seconds(1))
            let lastUse = clock.now
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            clock.advance(by: .seconds(30))
            try await authenticator.recordUses()
            #expect(try await keys.list().first?.lastUsedAt == lastUse)
        }
    }
}
