import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// People, their sessions, links and second factors, on both engines.
@Suite(.timeLimit(.minutes(2)))
struct PeopleStorageTests {
    private let clock = TestClock()

    private static func hash(_ byte: UInt8) -> [UInt8] { Array(repeating: byte, count: 32) }

    private func withNodesOfEngine(_ body: ([Store]) async throws -> Void) async throws {
        if TestEngine.chosen == .postgres {
            try await withNodes(2, clock: clock, body)
        } else {
            try await withStore(clock: clock) { try await body([$0]) }
        }
    }

    private func insert(
        _ address: String, _ role: Role, of reference: String? = nil, _ status: User.Status = .active, in store: Store
    ) async throws -> User? {
        try await store.write { tx in
            let account = try reference.map { try tx.accounts.findOrInsert(reference: $0) }
            return try tx.users.insert(
                EmailAddress(validated: address), name: "Ann", role: role, account: account, status: status, madeBy: "master")
        }
    }

    @Test func `Every field is stored, and an address belongs to one person in whatever case`() async throws {
        try await withStore(clock: clock) { store in
            let ann = try #require(try await insert("Ann@shop.example", .developer, of: "acme", .invited, in: store))
            #expect(try await insert("ann@SHOP.example".lowercased(), .owner, in: store) == nil)
            #expect(try await store.read { try $0.users.find(ann.id) } == ann)
            #expect(try await store.read { try $0.users.find(address: EmailAddress(validated: "ANN@shop.example")) } == ann)
            let identity = ProviderIdentity(issuer: "https://id.example", subject: "42")
            let changed = try await store.write {
                try $0.users.setPassword("hash", of: ann.id)
                try $0.users.recordSignIn(of: ann.id)
                return try $0.users.update(ann.id, UserChanges(name: "Ann B.", role: .viewer, status: .active, identity: identity))
            }
            var expected = ann
            (expected.name, expected.role, expected.status, expected.identity) = ("Ann B.", .viewer, .active, identity)
            (expected.hasPassword, expected.signedInAt) = (true, clock.now)
            #expect(changed == expected)
            #expect(try await store.read { try $0.users.find(identity: identity) } == expected)
            #expect(try await store.read { try $0.users.credentials(of: ann.id)?.password } == "hash")
        }
    }

    @Test func `Lists are of one account or of all, page by page, and the operator's people are in no account`() async throws {
        try await withStore(clock: clock) { store in
            var people: [User] = []
            for (number, reference) in ["acme", nil, "other", "acme"].enumerated() {
                let role: Role = reference == nil ? .owner : .viewer
                people.append(try #require(try await insert("p\(number)@shop.example", role, of: reference, in: store)))
            }
            let made = people
            let account = try #require(made[0].account)
            #expect(try await store.read { try $0.users.list(of: account.id, limit: 10) } == [made[0], made[3]])
            #expect(try await store.read { try $0.users.list(of: nil, after: made[1].id, limit: 1) } == [made[2]])
            let (two, three, oneOfOperator) = try await store.read { tx in
                (
                    try tx.users.hasAtLeast(2, accountID: account.id), try tx.users.hasAtLeast(3, accountID: account.id),
                    try tx.users.hasAtLeast(1, accountID: nil)
                )
            }
            #expect(two && !three && oneOfOperator)
            #expect(try await store.read { try $0.users.hasActiveOwner() })
            #expect(try await store.read { try $0.users.hasActiveOwner(besides: made[1].id) } == false)
        }
    }

    @Test func `A session of one node ends on every node with the person, by its id, or by its age`() async throws {
        try await withNodesOfEngine { nodes in
            let (here, there) = (nodes[0], nodes[nodes.count - 1])
            let ann = try #require(try await insert("ann@shop.example", .owner, in: here))
            var begun: [UserSession] = []
            for number in 1...3 {
                begun.append(
                    try await here.write { tx in
                        try tx.userSessions.insert(
                            of: ann.id, kind: number == 3 ? .key : .browser, name: "Firefox", address: "192.0.2.1", factor: .code,
                            providerSession: "sid\(number)", lifetime: .seconds(3600 * Int64(number)),
                            secretHash: Self.hash(UInt8(number)))
                    })
            }
            let sessions = begun
            let found = try await there.read { try $0.userSessions.find(secretHash: Self.hash(2)) }
            #expect(found == SignedInUser(user: ann, session: sessions[1]))
            #expect(try await there.read { try $0.userSessions.find(secretHash: Self.hash(9)) } == nil)
            clock.advance(by: .seconds(3601))
            let lasting = try await there.read { [now = clock.now] in try $0.userSessions.list(of: ann.id, lasting: now, limit: 10) }
            #expect(lasting == [sessions[2], sessions[1]])
            try await there.write { try $0.userSessions.recordUse(sessions[1].id) }
            try await there.write { try $0.userSessions.confirm(sessions[1].id) }
            let used = try #require(try await here.read { try $0.userSessions.find(sessions[1].id) })
            #expect(used.usedAt == clock.now && used.confirmedAt == clock.now && used.createdAt == sessions[1].createdAt)
            #expect(try await there.write { try $0.retention.delete(RetentionPeriods(), limit: 100) } == 1)
            #expect(try await there.write { try $0.userSessions.deleteAll(of: ann.id, providerSession: "sid2") } == 1)
            #expect(try await there.write { try $0.users.delete(ann.id) })
            #expect(try await here.read { try $0.userSessions.find(secretHash: Self.hash(3)) } == nil)
        }
    }

    @Test func `The sessions of one person stay few`() async throws {
        try await withStore(clock: clock) { store in
            let ann = try #require(try await insert("ann@shop.example", .owner, in: store))
            try await store.write { tx in
                for number in 0..<130 {
                    _ = try tx.userSessions.insert(
                        of: ann.id, kind: .browser, name: "", address: "", factor: .password, lifetime: .seconds(60),
                        secretHash: Self.hash(UInt8(number)))
                }
            }
            let left = try await store.read { [now = clock.now] in try $0.userSessions.list(of: ann.id, lasting: now, limit: 1000) }
            #expect(left.count == 100)
        }
    }

    @Test func `A link is used once, by whatever node, and not after a day; a newer one ends it`() async throws {
        try await withNodesOfEngine { nodes in
            let ann = try #require(try await insert("ann@shop.example", .owner, in: nodes[0]))
            _ = try await nodes[0].write { try $0.userLinks.insert(.invitation, of: ann.id, tokenHash: Self.hash(1)) }
            let link = try await nodes[0].write { try $0.userLinks.insert(.reset, of: ann.id, tokenHash: Self.hash(2)) }
            #expect(try await nodes[0].read { try $0.userLinks.find(tokenHash: Self.hash(1)) } == nil)
            let takers = try await withThrowingTaskGroup(of: UserLink?.self) { group in
                for number in 0..<10 {
                    group.addTask { try await nodes[number % nodes.count].write { try $0.userLinks.take(tokenHash: Self.hash(2)) } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(takers.compactMap(\.self) == [link])
            _ = try await nodes[0].write { try $0.userLinks.insert(.reset, of: ann.id, tokenHash: Self.hash(3)) }
            clock.advance(by: UserLink.lifetime)
            #expect(try await nodes[0].write { try $0.userLinks.take(tokenHash: Self.hash(3)) } == nil)
        }
    }

    @Test func `The code of a time step and a recovery code are used once, by whatever node`() async throws {
        try await withNodesOfEngine { nodes in
            let ann = try #require(try await insert("ann@shop.example", .owner, in: nodes[0]))
            try await nodes[0].write { try $0.users.setPendingSecret([1], of: ann.id) }
            #expect(try await nodes[0].write { try $0.users.confirmSecret([2], step: 5, codes: [], of: ann.id) } == false)
            let codes = [Self.hash(1), Self.hash(2)]
            #expect(try await nodes[0].write { try $0.users.confirmSecret([1], step: 5, codes: codes, of: ann.id) })
            let stored = try #require(try await nodes[0].read { try $0.users.credentials(of: ann.id) })
            #expect(stored == UserCredentials(password: nil, sealedSecret: [1], sealedPendingSecret: nil, lastStep: 5))
            let uses = try await withThrowingTaskGroup(of: (Bool, Bool).self) { group in
                for number in 0..<10 {
                    group.addTask {
                        let node = nodes[number % nodes.count]
                        let step = try await node.write { try $0.users.useStep(6, of: ann.id) }
                        let code = try await node.write { try $0.users.useRecoveryCode(Self.hash(1), of: ann.id) }
                        return (step, code)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(uses.filter(\.0).count == 1 && uses.filter(\.1).count == 1)
            #expect(try await nodes[0].write { try $0.users.useStep(5, of: ann.id) } == false)
            #expect(try await nodes[0].read { try $0.users.recoveryCodes(of: ann.id) } == 1)
        }
    }

    @Test func `A program's sign-in is confirmed once, and forgotten after ten minutes`() async throws {
        try await withStore(clock: clock) { store in
            let signIn = DeviceSignIn(userCode: "ABCDEFGH", name: "martlet on a laptop", address: "192.0.2.1", createdAt: clock.now)
            let isInserted = try await store.write { try $0.deviceSignIns.insert(signIn, secretHash: Self.hash(1)) }
            #expect(isInserted)
            #expect(try await store.write { try $0.deviceSignIns.insert(signIn, secretHash: Self.hash(2)) } == false)
            #expect(try await store.write { try $0.deviceSignIns.confirm(userCode: "ABCDEFGH", by: 7) })
            #expect(try await store.write { try $0.deviceSignIns.confirm(userCode: "ABCDEFGH", by: 8) } == false)
            #expect(try await store.read { try $0.deviceSignIns.find(secretHash: Self.hash(1))?.userID } == 7)
            clock.advance(by: DeviceSignIn.lifetime)
            #expect(try await store.read { try $0.deviceSignIns.find(userCode: "ABCDEFGH") } == nil)
        }
    }

    @Test func `The audit log has the factor and the session of a person`() async throws {
        try await withStore(clock: clock) { store in
            let actor = AuditActor(kind: .user, id: 7, name: "Ann", address: "192.0.2.1", factor: "totp", sessionID: 12)
            try await store.write {
                try $0.audit.insert(AuditChange(.userDisable, target: .user(8), account: nil, after: ["status": "disabled"]), by: actor)
            }
            let rows = try await store.read { try $0.audit.list(matching: AuditFilter(), of: nil, after: nil, limit: 10) }
            #expect(rows.map(\.actor) == [actor])
        }
    }
}
