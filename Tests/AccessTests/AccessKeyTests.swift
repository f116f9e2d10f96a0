import MailModel
import Storage
import TestSupport
import Testing

@testable import Access
@testable import AmazonSES

/// Requests that are signed with the access key of a key (specification 2.11).
@Suite(.timeLimit(.minutes(1)))
struct AccessKeyTests {
    private struct Access {
        let authenticator: Authenticator
        let keys: KeyService
        let store: Store
        let clock: TestClock
        let uptime: TestUptime

        func makeKey(_ change: (inout NewKey) -> Void = { _ in }) async throws -> (issued: IssuedKey, access: AccessKey) {
            var new = NewKey(accountReference: "acme", name: "Ann")
            new.hasAccessKey = true
            change(&new)
            let issued = try await keys.create(new, by: .master)
            return (issued, try #require(issued.accessKey))
        }

        /// A signed request.
        func request(_ access: AccessKey, service: String = "ses", body: String = "Action=GetSendQuota", after delay: Duration = .zero)
            -> SigV4Request
        {
            let time = clock.now + delay
            let credentials = AWSCredentials(accessKeyID: access.id, secretAccessKey: access.secret)
            let key = SigningKey(credentials: credentials, day: time.day, region: "eu-west-1", service: service)
            var request = SigV4Request(
                method: "POST", path: "/", query: "", headers: [("Host", "mail.example")], body: Array(body.utf8))
            request.headers += SigV4Signer.headers(signing: request, with: key, at: time)
            return request
        }

        func reason(_ request: SigV4Request, from address: String = "192.0.2.1") async throws -> AuthenticationError.Reason? {
            do {
                _ = try await authenticator.authenticate(request, from: address)
                return nil
            } catch let error as AuthenticationError {
                return error.reason
            }
        }
    }

    private static let secrets = SecretBox(key: Array(repeating: 7, count: 32))

    private func withAccess(secrets: SecretBox? = secrets, _ body: (Access) async throws -> Void) async throws {
        let (clock, uptime) = (TestClock(), TestUptime())
        try await withStore(clock: clock) { store in
            let authenticator = Authenticator(store: store, masterToken: "master", secrets: secrets, uptime: { uptime.now })
            try await body(
                Access(
                    authenticator: authenticator, keys: KeyService(store: store, authenticator: authenticator), store: store, clock: clock,
                    uptime: uptime))
        }
    }

    @Test func `the secret is returned once and stored sealed`() async throws {
        try await withAccess { access in
            let (issued, key) = try await access.makeKey()
            #expect(issued.key.awsAccessKeyID == key.id)
            #expect(AccessKey.isID(key.id))
            #expect(key.secret.utf8.count == 40)
            let listed = try await access.keys.list(by: .master)
            #expect(listed.first?.awsAccessKeyID == key.id)
            let stored = try #require(try await access.store.read { try $0.keys.find(accessKeyID: key.id) })
            #expect(!String(decoding: stored.sealedSecret, as: UTF8.self).contains(key.secret.prefix(8)))
            #expect(Self.secrets?.open(stored.sealedSecret, for: key.id) == key.secret)
            #expect(Self.secrets?.open(stored.sealedSecret, for: "MKIAAAAAAAAAAAAAAAAA") == nil)
            #expect(SecretBox(key: Array(repeating: 8, count: 32))?.open(stored.sealedSecret, for: key.id) == nil)
            let log = try await access.store.read { try $0.audit.list(matching: AuditFilter(), of: nil, after: nil, limit: 10) }
            #expect(log.contains { "\($0)".contains(key.id) })
            #expect(!log.contains { "\($0)".contains(key.secret) })
        }
    }

    @Test func `a signed request is its key's`() async throws {
        try await withAccess { access in
            let (issued, key) = try await access.makeKey { $0.scopes = [.send] }
            let principal = try await access.authenticator.authenticate(access.request(key), from: "192.0.2.1")
            guard case .client(let found) = principal.identity else {
                Issue.record("\(principal)")
                return
            }
            #expect(found.id == issued.key.id)
            #expect(found.scopes == [.send])
            #expect(principal.address == "192.0.2.1")
            try await access.authenticator.recordUses()
            #expect(try await access.keys.list(by: .master).first?.lastUsedAt == access.clock.now)
        }
    }

    @Test func `what is not signed by the holder is refused`() async throws {
        try await withAccess { access in
            let (_, key) = try await access.makeKey()
            let other = AccessKey(id: key.id, secret: String(repeating: "x", count: 40))
            guard case .wrongSignature? = try await access.reason(access.request(other)) else {
                Issue.record("another secret")
                return
            }
            guard case .wrongSignature? = try await access.reason(access.request(key, service: "s3")) else {
                Issue.record("another service")
                return
            }
            let unknown = AccessKey(id: "MKIAAAAAAAAAAAAAAAAA", secret: key.secret)
            #expect(try await access.reason(access.request(unknown)) == .unknownKey)
            #expect(try await access.reason(access.request(AccessKey(id: "AKIAEXAMPLE", secret: key.secret))) == .unknownKey)
            guard case .signatureExpired? = try await access.reason(access.request(key, after: .seconds(-301))) else {
                Issue.record("too late")
                return
            }
            guard case .signatureExpired? = try await access.reason(access.request(key, after: .seconds(301))) else {
                Issue.record("too early")
                return
            }
            var session = access.request(key)
            session.headers.append(("X-Amz-Security-Token", "token"))
            #expect(try await access.reason(session) == .unknownKey)
            #expect(try await access.reason(access.request(key)) == nil)
        }
    }

    /// The id is no secret: it must open nothing, wherever it is given.
    @Test func `the id of an access key is no token`() async throws {
        try await withAccess { access in
            let (_, key) = try await access.makeKey()
            #expect(try await access.reason(access.request(key)) == nil)
            for token in [key.id, key.secret] {
                #expect(try await access.authenticator.refusal(of: token, from: "192.0.2.9") == .unknownKey)
            }
            // People type what they like when they log in.
            let sessions = SessionService(store: access.store, authenticator: access.authenticator)
            for token in [key.id, "\u{0}\(key.id)"] {
                await #expect(throws: AuthenticationError(reason: .unknownKey)) {
                    try await sessions.logIn(token: token, from: "192.0.2.9")
                }
            }
        }
    }

    @Test func `a key without an access key, and a server without secrets`() async throws {
        try await withAccess { access in
            let issued = try await access.keys.create(NewKey(accountReference: "acme"), by: .master)
            #expect(issued.accessKey == nil)
            #expect(try await access.keys.rotate(issued.key.id, by: .master).accessKey == nil)
        }
        try await withAccess(secrets: nil) { access in
            await #expect(throws: Refusal.noSecretsKey) { try await access.makeKey() }
            #expect(try await access.keys.list(by: .master).isEmpty)
            // A key without one can be rotated all the same.
            let issued = try await access.keys.create(NewKey(accountReference: "acme"), by: .master)
            _ = try await access.keys.rotate(issued.key.id, by: .master)
        }
    }

    @Test func `a secret that was sealed with another key is a fault of ours`() async throws {
        try await withAccess { access in
            let (_, key) = try await access.makeKey()
            for secrets in [nil, SecretBox(key: Array(repeating: 9, count: 32))] {
                let other = Authenticator(store: access.store, masterToken: "master", secrets: secrets)
                await #expect(throws: UnreadableSecret.self) { try await other.authenticate(access.request(key), from: "192.0.2.1") }
            }
        }
    }

    @Test func `rotation gives a new one and lets the old one live for a while`() async throws {
        try await withAccess { access in
            let (issued, old) = try await access.makeKey()
            let rotated = try await access.keys.rotate(issued.key.id, overlap: .seconds(60), by: .master)
            let new = try #require(rotated.accessKey)
            #expect(new.id != old.id)
            #expect(try await access.reason(access.request(old)) == nil)
            #expect(try await access.reason(access.request(new)) == nil)
            access.clock.advance(by: .seconds(60))
            #expect(try await access.reason(access.request(old)) == .expired)
            #expect(try await access.reason(access.request(new)) == nil)
            let third = try #require(try await access.keys.rotate(issued.key.id, by: .master).accessKey)
            #expect(try await access.reason(access.request(old)) == .unknownKey)
            #expect(try await access.reason(access.request(new)) == .expired)
            #expect(try await access.reason(access.request(third)) == nil)
        }
    }

    @Test func `a key that is switched off, expired or deleted signs nothing any more`() async throws {
        try await withAccess { access in
            let end = access.clock.now + .seconds(100)
            let (issued, key) = try await access.makeKey { $0.expiresAt = end }
            #expect(try await access.reason(access.request(key)) == nil)
            var changes = KeyChanges()
            changes.isActive = false
            _ = try await access.keys.update(issued.key.id, changes, by: .master)
            #expect(try await access.reason(access.request(key)) == .deactivated)
            changes.isActive = true
            _ = try await access.keys.update(issued.key.id, changes, by: .master)
            #expect(try await access.reason(access.request(key)) == nil)
            access.clock.advance(by: .seconds(100))
            #expect(try await access.reason(access.request(key)) == .expired)
            try await access.keys.delete(issued.key.id, by: .master)
            #expect(try await access.reason(access.request(key)) == .unknownKey)
        }
    }

    @Test func `bounds hold for signed requests too`() async throws {
        try await withAccess { access in
            let network = try #require(IPNetwork("192.0.2.0/24"))
            let (_, key) = try await access.makeKey { ($0.networks, $0.rateLimit) = ([network], 2) }
            #expect(try await access.reason(access.request(key), from: "203.0.113.1") == .addressNotAllowed)
            for _ in 1...2 { #expect(try await access.reason(access.request(key)) == nil) }
            guard case .rateLimitExceeded? = try await access.reason(access.request(key)) else {
                Issue.record("no limit")
                return
            }
        }
    }

    @Test func `failures are throttled with those of tokens`() async throws {
        try await withAccess { access in
            let (_, key) = try await access.makeKey()
            let wrong = access.request(AccessKey(id: key.id, secret: "wrong"))
            for _ in 1...10 { _ = try await access.reason(wrong) }
            guard case .tooManyFailures? = try await access.reason(wrong) else {
                Issue.record("not throttled")
                return
            }
            guard case .tooManyFailures? = try await access.reason(access.request(key)) else {
                Issue.record("a guess was answered")
                return
            }
            guard case .tooManyFailures? = try await access.authenticator.refusal(of: "mk_x", from: "192.0.2.1") else {
                Issue.record("token")
                return
            }
            #expect(try await access.reason(access.request(key), from: "192.0.2.99") == nil)
        }
    }

    /// Who knows the id of an access key, and is behind the same address, does not lock its holder out.
    @Test func `a holder who was there before goes on`() async throws {
        try await withAccess { access in
            let (_, key) = try await access.makeKey()
            #expect(try await access.reason(access.request(key)) == nil)
            for _ in 1...30 { _ = try await access.reason(access.request(AccessKey(id: key.id, secret: "wrong"))) }
            #expect(try await access.reason(access.request(key)) == nil)
        }
    }

    @Test func `of another length there is no key`() {
        #expect(SecretBox(key: []) == nil)
        #expect(SecretBox(key: Array(repeating: 1, count: 31)) == nil)
        #expect(Self.secrets?.open([], for: "a") == nil)
        #expect(Self.secrets?.open(Array(repeating: 1, count: 40), for: "a") == nil)
    }
}
