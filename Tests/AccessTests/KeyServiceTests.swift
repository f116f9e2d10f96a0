import Access
import Logging
import MailModel
import ServiceLifecycle
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct KeyServiceTests {
    private func withKeys(_ body: (KeyService, Authenticator, TestClock) async throws -> Void) async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let authenticator = Authenticator(store: store, masterToken: "master")
            try await body(KeyService(store: store, authenticator: authenticator), authenticator, clock)
        }
    }

    @Test func createsAccountOnFirstUse() async throws {
        try await withKeys { keys, _, _ in
            let (first, firstToken) = try await keys.create(NewKey(accountReference: "acme"), by: .master).parts
            let (second, secondToken) = try await keys.create(NewKey(accountReference: "acme", name: "Ann"), by: .master).parts
            #expect(first.account.id == second.account.id)
            #expect(first.name == "acme")
            #expect(first.scopes == Set(Scope.allCases))
            #expect(firstToken != secondToken)
            #expect(firstToken.wholeMatch(of: /mk_[0-9A-Za-z]{49}/) != nil)
            #expect(try await keys.list(by: .master).map(\.id) == [second.id, first.id])
        }
    }

    @Test(arguments: [
        (NewKey(accountReference: ""), "partner_ref"),
        (NewKey(accountReference: String(repeating: "x", count: 256)), "partner_ref"),
        (NewKey(accountReference: "a\nb"), "partner_ref"),
        (NewKey(accountReference: "acme", name: ""), "name"),
        (NewKey(accountReference: "acme", name: "a\u{0}b"), "name"),
        (NewKey(accountReference: "acme", expiresAt: TestClock().now), "expires_at"),
    ])
    func refusedValues(new: NewKey, field: String) async throws {
        try await withKeys { keys, _, _ in
            let error = await #expect(throws: Refusal.self) { try await keys.create(new, by: .master) }
            #expect(error?.field == field)
            let all = try await keys.list(by: .master)
            #expect(all.isEmpty)
        }
    }

    @Test func updateChangesOnlyWhatIsGiven() async throws {
        try await withKeys { keys, _, clock in
            let expiry = clock.now + .seconds(60)
            let (key, _) = try await keys.create(NewKey(accountReference: "acme", scopes: [.read], expiresAt: expiry), by: .master).parts
            var changes = KeyChanges()
            changes.name = "Ann"
            var expected = key
            expected.name = "Ann"
            #expect(try await keys.update(key.id, changes, by: .master) == expected)
            changes.expiresAt = .some(nil)
            expected.expiresAt = nil
            #expect(try await keys.update(key.id, changes, by: .master) == expected)
            #expect(try await keys.list(by: .master) == [expected])
        }
    }

    @Test func unknownKeys() async throws {
        try await withKeys { keys, _, _ in
            let update = await #expect(throws: Refusal.self) { try await keys.update(7, KeyChanges(), by: .master) }
            let delete = await #expect(throws: Refusal.self) { try await keys.delete(7, by: .master) }
            #expect(update?.kind == .notFound && delete?.kind == .notFound)
        }
    }

    /// The uses of the last minute are recorded when the program ends.
    @Test func usesAreRecordedAtShutdown() async throws {
        try await withKeys { keys, authenticator, clock in
            let (_, token) = try await keys.create(NewKey(accountReference: "acme"), by: .master).parts
            _ = try await authenticator.authenticate(authorizationHeader: "Bearer \(token)", from: "a")
            let logger = Logger(label: "test")
            let recorder = KeyUseRecorder(authenticator, interval: .seconds(3600), logger: logger)
            let group = ServiceGroup(configuration: .init(services: [.init(service: recorder)], logger: logger))
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await group.run() }
                await group.triggerGracefulShutdown()
                try await tasks.next()
            }
            #expect(try await keys.list(by: .master).first?.lastUsedAt == clock.now)
        }
    }
}
