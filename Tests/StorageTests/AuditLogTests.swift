import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(1)))
struct AuditLogTests {
    private static let jane = EmailAddress(validated: "Jane@customer.example")
    private static let key = AuditActor(kind: .key, id: 7, name: "Ann", address: "192.0.2.7")

    private func insert(_ change: AuditChange, by actor: AuditActor = .system, into store: Store) async throws {
        try await store.write { try $0.audit.insert(change, by: actor) }
    }

    private func list(
        _ store: Store, of account: Int64? = nil, _ configure: (inout AuditFilter) -> Void = { _ in }
    ) async throws -> [AuditEntry] {
        var filter = AuditFilter()
        configure(&filter)
        return try await store.read { [filter] in try $0.audit.list(matching: filter, of: account, after: nil, limit: 1000) }
    }

    /// Returns all that is stored, as text.
    private func dump(_ store: Store) async throws -> String {
        try await store.read { tx in
            try tx.sql.query(
                "SELECT actor_name, address, action, target, old_values, new_values FROM audit_log ORDER BY id", []
            ) { row in (0..<6).map { row.text($0) }.joined(separator: "|") }.joined(separator: "\n")
        }
    }

    @Test func aRowHasAllOfTheChange() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let account = try await store.write { try $0.accounts.findOrInsert(reference: "acme") }
            let before: [String: AuditValue] = [
                "name": "Ann", "limit": 1, "rate": 2.5, "active": true, "note": nil, "scopes": ["read", "send"],
            ]
            let after: [String: AuditValue] = [
                "name": "Eva ”\n", "limit": -9_007_199_254_740_993, "rate": 3.25, "active": false, "note": "x", "scopes": [],
            ]
            try await insert(
                AuditChange(.keyUpdate, target: .key(12), account: account.id, before: before, after: after), by: Self.key, into: store)
            let entry = try #require(try await list(store).first)
            #expect(entry.actor == Self.key && entry.action == "key.update" && entry.target == "key:12" && entry.accountReference == "acme")
            #expect(entry.at == clock.now && entry.before == before && entry.after == after)
        }
    }

    @Test func whatDidNotChangeIsNotInTheLog() async throws {
        try await withStore { store in
            try await insert(
                AuditChange(
                    .domainUpdate, target: .domain(DomainName(validated: "a.example")), account: nil, before: ["x": 1, "y": 2],
                    after: ["x": 1, "y": 3]),
                into: store)
            try await insert(AuditChange(.keyUpdate, target: .key(1), account: nil, before: ["x": 1], after: ["x": 1]), into: store)
            let entries = try await list(store)
            #expect(entries.map(\.action) == ["domain.update"])
            #expect(entries.first?.before == ["y": 2] && entries.first?.after == ["y": 3])
        }
    }

    /// A failed command has changed nothing, and logged nothing; others of its batch have.
    @Test func theRowGoesWithItsTransaction() async throws {
        struct Failed: Error {}
        try await withStore { store in
            let changes = (0..<20).map { AuditChange(.templateCreate, target: .template("t\($0)"), account: nil) }
            await withTaskGroup(of: Void.self) { group in
                for (number, change) in changes.enumerated() {
                    group.addTask {
                        _ = try? await store.write { tx in
                            try tx.audit.insert(change, by: .system)
                            if number.isMultiple(of: 2) { throw Failed() }
                        }
                    }
                }
            }
            let expected = stride(from: 1, to: 20, by: 2).map { "template:t\($0)" }
            let targets = try await list(store).map(\.target)
            #expect(Set(targets) == Set(expected))
        }
    }

    @Test func rowsOfOneTransactionKeepTheirOrder() async throws {
        try await withStore { store in
            try await store.write { tx in
                for number in 0..<50 {
                    try tx.audit.insert(AuditChange(.keyCreate, target: .key(Int64(number)), account: nil), by: .system)
                }
            }
            #expect(try await list(store).map(\.target) == (0..<50).reversed().map { "key:\($0)" })
        }
    }

    @Test func filtersAndPages() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let accounts = try await store.write { tx in try ["acme", "globex"].map { try tx.accounts.findOrInsert(reference: $0).id } }
            let start = clock.now
            let domain = AuditTarget.domain(DomainName(validated: "a.example"))
            let rows: [(AuditAction, AuditTarget, Int64?, AuditActor)] = [
                (.domainCreate, domain, accounts[0], Self.key), (.domainSuspend, domain, accounts[0], .system),
                (.keyCreate, .key(1), accounts[1], AuditActor(kind: .master, name: "master")),
                (.suppressionAdd, .recipient(Self.jane), accounts[1], AuditActor(kind: .key, id: 8, name: "Eva")),
                (.countersResetDaily, .counters("daily"), nil, AuditActor(kind: .user, id: 7, name: "Ann")),
            ]
            for row in rows {
                try await insert(AuditChange(row.0, target: row.1, account: row.2), by: row.3, into: store)
                clock.advance(by: .seconds(60))
            }
            let cases: [(Int64?, (inout AuditFilter) -> Void, [Int])] = [
                (nil, { _ in }, [4, 3, 2, 1, 0]), (accounts[0], { _ in }, [1, 0]),
                (nil, { $0.actor = .kind(.key) }, [3, 0]), (nil, { $0.actor = .one(.key, 7) }, [0]),
                (nil, { $0.actor = .one(.user, 7) }, [4]),
                (accounts[1], { $0.actor = .one(.key, 7) }, []), (nil, { $0.action = .one(.domainSuspend) }, [1]),
                (accounts[1], { $0.action = .one(.domainSuspend) }, []), (nil, { $0.action = .subject("domain") }, [1, 0]),
                (accounts[0], { $0.action = .subject("domain") }, [1, 0]), (nil, { $0.target = domain }, [1, 0]),
                (accounts[1], { $0.target = domain }, []), (nil, { $0.target = .recipient(Self.jane) }, [3]),
                (nil, { $0.since = start + .seconds(120) }, [4, 3, 2]), (nil, { $0.until = start + .seconds(120) }, [1, 0]),
                (
                    nil,
                    {
                        $0.target = domain; $0.actor = .kind(.system); $0.action = .subject("domain"); $0.since = start
                    }, [1]
                ),
            ]
            for (number, (account, configure, expected)) in cases.enumerated() {
                let found = try await list(store, of: account, configure).map(\.action)
                #expect(found == expected.map { rows[$0].0.rawValue }, "case \(number)")
            }
            let all = try await list(store)
            let page = try await store.read { try $0.audit.list(matching: AuditFilter(), of: nil, after: all[1].id, limit: 2) }
            #expect(page == Array(all[2...3]))
        }
    }

    /// The hash is the same for one address at every time, and can be computed only with the database's own key.
    @Test func addressesAreMaskedAndHashed() async throws {
        var hashes: [String] = []
        for _ in 0..<2 {
            try await withStore { store in
                #expect(try await list(store) { $0.target = .recipient(Self.jane) } == [])
                for address in [
                    Self.jane, EmailAddress(validated: "jane@CUSTOMER.example"), EmailAddress(validated: "joe@customer.example"),
                ] {
                    try await insert(
                        AuditChange(
                            .suppressionAdd, target: .recipient(address), account: nil,
                            after: ["address": .recipient(address), "all": [.recipient(address)]]),
                        into: store)
                }
                let entries = try await list(store).reversed()
                let found = entries.map(\.target)
                #expect(found[0] == found[1] && found[1] != found[2])
                let hash = String(found[0].dropFirst("recipient:".count))
                #expect(hash.wholeMatch(of: /[0-9a-f]{32}/) != nil)
                #expect(entries.first?.after["address"] == .hashed(masked: "J***@customer.example", hash: hash))
                #expect(try await list(store) { $0.target = .named(.recipient, hash) }.count == 2)
                let dump = try await dump(store).lowercased()
                #expect(!dump.contains("jane") && !dump.contains("joe"), "\(dump)")
                hashes.append(hash)
            }
        }
        #expect(Set(hashes).count == 2)
    }

    /// The command whose key of the hashes is the first one may fail.
    @Test func aKeyThatIsRolledBackIsNotUsed() async throws {
        struct Failed: Error {}
        try await withStore { store in
            let change = AuditChange(.suppressionAdd, target: .recipient(Self.jane), account: nil)
            await #expect(throws: Failed.self) {
                try await store.write { tx in
                    try tx.audit.insert(change, by: .system)
                    throw Failed()
                }
            }
            for _ in 0..<2 { try await insert(change, into: store) }
            #expect(Set(try await list(store).map(\.target)).count == 1)
        }
    }

    @Test func credentialsInURLsAreNotStored() async throws {
        try await withStore { store in
            try await insert(
                AuditChange(
                    .endpointUpdate, target: .endpoint(1), account: nil, before: ["url": .url("https://h.example/a?token=s3cret")],
                    after: ["url": .url("https://ann:s3cret@h.example/a?token=0ther")]), into: store)
            let entry = try #require(try await list(store).first)
            #expect(entry.before == ["url": "https://h.example/a?***"] && entry.after == entry.before)
            #expect(!(try await dump(store)).contains(/s3cret|0ther/))
        }
    }

    @Test func oldRowsGoInSteps() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            for target in ["old", "young"] {
                try await store.write { tx in
                    for number in 0..<5 {
                        try tx.audit.insert(
                            AuditChange(.templateCreate, target: .template("\(target)\(number)"), account: nil), by: .system)
                    }
                }
                clock.advance(by: .seconds(300 * 86_400))
            }
            var periods = RetentionPeriods()
            let delete: @Sendable (RetentionPeriods) async throws -> Int = { periods in
                try await store.write { try $0.retention.delete(periods, limit: 3) }
            }
            #expect(periods.audit == .seconds(400 * 86_400))
            periods.audit = .seconds(700 * 86_400)
            #expect(try await delete(periods) == 0)
            #expect(try await delete(RetentionPeriods()) == 3)
            #expect(try await delete(RetentionPeriods()) == 2)
            #expect(try await list(store).map(\.target) == (0..<5).reversed().map { "template:young\($0)" })
        }
    }

    @Test(.enabled(if: TestEngine.chosen == .postgres, "SQLite has no partitions"))
    func oldMonthsAreDroppedAsAWhole() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            try await store.makePartitions()
            try await insert(AuditChange(.templateCreate, target: .template("old"), account: nil), into: store)
            clock.advance(by: .seconds(450 * 86_400))
            try await store.makePartitions()
            try await insert(AuditChange(.templateCreate, target: .template("young"), account: nil), into: store)
            // The month of the newest row stays: that of `young`, which has to be in the past.
            clock.advance(by: .seconds(1))
            #expect(try await store.dropPartitions(RetentionPeriods()).contains("audit_log_2026_06"))
            #expect(try await list(store).map(\.target) == ["template:young"])
        }
    }
}
