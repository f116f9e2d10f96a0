import MailModel
import Storage
import TestSupport
import Testing

@testable import Access

/// Keys that are bound to addresses and rates, and tokens of before a rotation.
@Suite(.timeLimit(.minutes(1)))
struct BoundKeyTests {
    private struct Access {
        let authenticator: Authenticator
        let keys: KeyService
        let sessions: SessionService
        let clock: TestClock
        let uptime: TestUptime

        func reason(_ token: String, from address: String = "192.0.2.1") async throws -> AuthenticationError.Reason? {
            try await authenticator.refusal(of: token, from: address)
        }
    }

    private func withAccess(_ body: (Access) async throws -> Void) async throws {
        let (clock, uptime) = (TestClock(), TestUptime())
        try await withStore(clock: clock) { store in
            let authenticator = Authenticator(store: store, masterToken: "master", uptime: { uptime.now })
            try await body(
                Access(
                    authenticator: authenticator, keys: KeyService(store: store, authenticator: authenticator),
                    sessions: SessionService(store: store, authenticator: authenticator), clock: clock, uptime: uptime))
        }
    }

    @Test func `a key is accepted from its addresses alone`() async throws {
        try await withAccess { access async throws in
            let networks = try ["192.0.2.0/24", "2001:db8::/32"].map { try #require(IPNetwork($0)) }
            let (_, token) = try await access.keys.create(NewKey(accountReference: "acme", networks: networks), by: .master).parts
            for address in ["192.0.2.1", "::ffff:192.0.2.9", "2001:db8::7"] {
                #expect(try await access.reason(token, from: address) == nil)
            }
            // It is no failure: the token is right.
            for _ in 1...20 { #expect(try await access.reason(token, from: "203.0.113.1") == .addressNotAllowed) }
            #expect(try await access.reason(token, from: "local") == .addressNotAllowed)
            let (_, secret) = try await access.sessions.logIn(token: token, from: "192.0.2.1")
            #expect(try await access.sessions.session(secret: secret, from: "192.0.2.1") != nil)
            await #expect(throws: AuthenticationError(reason: .addressNotAllowed)) {
                try await access.sessions.session(secret: secret, from: "203.0.113.1")
            }
            await #expect(throws: AuthenticationError(reason: .addressNotAllowed)) {
                try await access.sessions.logIn(token: token, from: "203.0.113.1")
            }
        }
    }

    @Test func `a key makes as many requests a second as it is bound to`() async throws {
        try await withAccess { access async throws in
            let (key, token) = try await access.keys.create(NewKey(accountReference: "acme", rateLimit: 3), by: .master).parts
            let (_, other) = try await access.keys.create(NewKey(accountReference: "acme", rateLimit: 3), by: .master).parts
            for _ in 1...3 { #expect(try await access.reason(token) == nil) }
            let reason = try await access.reason(token)
            guard case .rateLimitExceeded(let wait)? = reason else {
                Issue.record("expected a wait, found \(String(describing: reason))")
                return
            }
            #expect(wait > .milliseconds(333) && wait <= .seconds(1) / 3)
            #expect(try await access.reason(other) == nil)
            access.clock.advance(by: .seconds(3600))
            #expect(try await access.reason(token) == reason, "the wall clock has no say in it")
            access.uptime.advance(by: .milliseconds(334))
            #expect(try await access.reason(token) == nil)
            #expect(try await access.reason(token) != nil)
            // A bound that is changed counts at once, and a new token has the same bucket.
            let rotated = try await access.keys.rotate(key.id, overlap: .seconds(60), by: .master)
            #expect(try await access.reason(rotated.token) != nil)
            var changes = KeyChanges()
            changes.rateLimit = .some(nil)
            _ = try await access.keys.update(key.id, changes, by: .master)
            for _ in 1...10 { #expect(try await access.reason(token) == nil) }
        }
    }

    @Test func `after a rotation the old token lives as long as was asked for`() async throws {
        try await withAccess { access async throws in
            let (key, first) = try await access.keys.create(NewKey(accountReference: "acme"), by: .master).parts
            #expect(try await access.reason(first) == nil)
            let (rotated, second) = try await access.keys.rotate(key.id, overlap: .seconds(60), by: .master).parts
            #expect(rotated.previousTokenExpiresAt == access.clock.now + .seconds(60) && rotated.id == key.id)
            #expect(first != second)
            for token in [first, second] { #expect(try await access.reason(token) == nil) }
            access.clock.advance(by: .seconds(60))
            #expect(try await access.reason(first) == .expired)
            #expect(try await access.reason(second) == nil)
            let (_, third) = try await access.keys.rotate(key.id, by: .master).parts
            #expect(try await access.reason(second) == .expired, "without an overlap at once")
            #expect(try await access.reason(first) == .unknownKey, "of before the last rotation but one")
            #expect(try await access.reason(third) == nil)
        }
    }

    /// Whoever has a token that leaked is thrown out of the dashboard with it.
    @Test func `sessions end with the token that they were begun with`() async throws {
        try await withAccess { access async throws in
            let (key, first) = try await access.keys.create(NewKey(accountReference: "acme"), by: .master).parts
            let before = try await access.sessions.logIn(token: first, from: "a").secret
            let second = try await access.keys.rotate(key.id, overlap: .seconds(60), by: .master).token
            let within = try await access.sessions.logIn(token: first, from: "a").secret
            let after = try await access.sessions.logIn(token: second, from: "a").secret
            for secret in [before, within, after] { #expect(try await access.sessions.session(secret: secret, from: "a") != nil) }
            access.clock.advance(by: .seconds(60))
            for secret in [before, within] { #expect(try await access.sessions.session(secret: secret, from: "a") == nil) }
            #expect(try await access.sessions.session(secret: after, from: "a") != nil)
            _ = try await access.keys.rotate(key.id, by: .master)
            #expect(try await access.sessions.session(secret: after, from: "a") == nil)
        }
    }
}

extension Authenticator {
    /// Why a token is refused; `nil` where its caller is authenticated.
    func refusal(of token: String, from address: String) async throws -> AuthenticationError.Reason? {
        do {
            _ = try await authenticate(authorizationHeader: "Bearer \(token)", from: address)
            return nil
        } catch let error as AuthenticationError {
            return error.reason
        }
    }
}
