import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

extension TemplateUse {
    /// Returns a use of a version whose id is one byte.
    static func test(_ id: UInt8, text: String = "Hi {{x}}", variables: [String: String] = ["x": "Ann"]) -> TemplateUse {
        TemplateUse(TemplateVersion(id: [id], text: text, html: nil, isHTML: false), variables: variables)
    }
}

extension Store {
    /// Inserts an email of a template.
    @discardableResult
    func insertEmail(_ use: TemplateUse, of domain: SendingDomain, dueAt: Timestamp? = nil) async throws -> EmailID {
        try await write { tx in try tx.insertEmail(use, of: domain, dueAt: dueAt) }
    }
}

extension Transaction {
    /// Inserts an email of a template.
    func insertEmail(_ use: TemplateUse, of domain: SendingDomain, dueAt: Timestamp? = nil) throws -> EmailID {
        let email = Email.test(of: domain, at: now) { email in
            email.content.text = "Hi Ann"
            email.content.templateBytes = use.version.bytes
        }
        try emails.insert(email, dueAt: dueAt)
        try emails.insert(template: use, of: email.id)
        return email.id
    }
}

@Suite(.timeLimit(.minutes(1)))
struct TemplateVersionStorageTests {
    private let clock = TestClock()

    private func withDomain(_ body: (Store, SendingDomain) async throws -> Void) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            try await body(store, domain)
        }
    }

    private func versions(in store: Store) async throws -> [[UInt8]] {
        try await store.read { try $0.sql.query("SELECT id FROM template_versions ORDER BY id", []) { $0.blob(0) } }
    }

    private func delete(limit: Int = 500, in store: Store) async throws -> Int {
        try await store.write { try $0.templateVersions.delete(limit: limit) }
    }

    @Test func `a version is stored once, and of an email its values alone`() async throws {
        try await withDomain { store, domain in
            try await store.write { tx in for _ in 0..<60 { _ = try tx.insertEmail(.test(1), of: domain) } }
            try await store.insertEmail(.test(1, variables: ["b": "\"", "a": "Ä"]), of: domain)
            func texts(_ sql: String) async throws -> [String] { try await store.read { try $0.sql.query(sql, []) { $0.text(0) } } }
            #expect(try await texts("SELECT body FROM template_versions") == ["Hi {{x}}"])
            #expect(try await texts("SELECT DISTINCT body FROM email_contents") == [""])
            #expect(
                try await texts("SELECT DISTINCT variables FROM email_templates ORDER BY 1") == [#"{"a":"Ä","b":"\""}"#, #"{"x":"Ann"}"#])
        }
    }

    @Test func `a version goes when no email uses it any more`() async throws {
        try await withDomain { store, domain in
            try await store.insertEmail(.test(1), of: domain)
            try await store.insertEmail(.test(2), of: domain)
            #expect(try await delete(in: store) == 0, "not before a day")
            clock.advance(by: .seconds(86_401))
            let young = try await store.insertEmail(.test(2), of: domain)
            #expect(try await delete(in: store) == 2)
            #expect(try await versions(in: store) == [[1], [2]])
            #expect(try await delete(in: store) == 0, "they are checked once a day")
            var periods = RetentionPeriods()
            periods.emails = .seconds(129_600)
            let rules = periods
            clock.advance(by: .seconds(86_399))
            _ = try await store.write { try $0.retention.delete(rules, limit: 500) }
            clock.advance(by: .seconds(2))
            _ = try await store.write { try $0.retention.delete(rules, limit: 500) }
            #expect(try await versions(in: store) == [[2]])
            #expect(try await store.read { try $0.emails.find(young) }?.content.text == "Hi Ann")
            try await store.insertEmail(.test(1), of: domain)
            #expect(try await versions(in: store) == [[1], [2]], "it is stored again when it is used again")
        }
    }

    @Test func `versions are checked in bounded steps`() async throws {
        try await withDomain { store, domain in
            for id in 1...7 { try await store.insertEmail(.test(UInt8(id)), of: domain) }
            _ = try await store.write { tx in
                try tx.sql.execute("DELETE FROM email_templates WHERE version_id IN (SELECT id FROM template_versions ORDER BY id LIMIT 3)")
            }
            clock.advance(by: .seconds(86_401))
            var counts: [Int] = []
            for _ in 0..<5 { counts.append(try await delete(limit: 2, in: store)) }
            #expect(counts == [2, 2, 2, 1, 0])
            #expect(try await versions(in: store) == [[4], [5], [6], [7]])
        }
    }

    @Test func `a check that a clock ahead has set comes back`() async throws {
        let present = clock.now
        try await withDomain { store, domain in
            clock.advance(by: .seconds(60 * 86_400))
            try await store.insertEmail(.test(1), of: domain)
            clock.set(present)
            #expect(try await store.read { try $0.futureTimes.contains(.templateVersions) })
            #expect(try await store.write { try $0.futureTimes.bringBack(.templateVersions, limit: 500) } == 1)
            #expect(try await store.read { try !$0.futureTimes.contains(.templateVersions) })
            #expect(try await delete(in: store) == 1)
        }
    }

    /// Nothing is sent with a part of it missing.
    @Test(arguments: ["DELETE FROM email_templates", "DELETE FROM template_versions", "UPDATE template_versions SET body = '{{'"])
    func `an email whose template cannot be read is not read without it`(damage: String) async throws {
        try await withDomain { store, domain in
            let id = try await store.insertEmail(.test(1), of: domain, dueAt: clock.now)
            let claim = try await store.write { tx in
                try tx.queue.claim(EmailClaimRules(owner: "n", lease: .seconds(60), grace: .zero, limit: 9))
            }
            let claimed = try #require(claim.emails.first)
            #expect(claimed.textsAreLeft && claimed.email.content.text.isEmpty && claimed.contentBytes == 8)
            #expect(try await store.read { try $0.emails.completed(claimed) }.email.content.text == "Hi Ann")
            _ = try await store.write { try $0.sql.execute(damage) }
            await #expect(throws: StorageError.self) { try await store.read { try $0.emails.completed(claimed) } }
            await #expect(throws: StorageError.self) { try await store.read { try $0.emails.find(id) } }
            let listed = try await store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 9).emails }
            #expect(listed.map(\.content.subject) == ["s"], "lists need the subject alone")
        }
    }
}

/// Two nodes use versions, and one of them deletes those that are unused.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "SQLite has one node"), .timeLimit(.minutes(1)))
struct TemplateVersionRaceTests {
    private let clock = TestClock()

    private func withUnusedVersion(_ body: (NodePair, SendingDomain) async throws -> Void) async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            try await nodes.first.insertEmail(.test(1), of: domain)
            _ = try await nodes.first.write { try $0.sql.execute("DELETE FROM email_templates") }
            clock.advance(by: .seconds(86_401))
            try await body(nodes, domain)
        }
    }

    @Test func `a version that a new email uses is not deleted`() async throws {
        try await withUnusedVersion { nodes, domain in
            let id = try await nodes.first.insertEmail(.test(1), of: domain)
            let checked = try await nodes.second.write { try $0.templateVersions.delete(limit: 500) }
            #expect(checked == 1)
            #expect(try await nodes.second.read { try $0.emails.find(id) }?.content.text == "Hi Ann")
        }
    }

    @Test func `a version that is being deleted is stored again`() async throws {
        try await withUnusedVersion { nodes, domain in
            let id = try await nodes.whileHeld {
                _ = try $0.templateVersions.delete(limit: 500)
            } _: { second in
                try await second.insertEmail(.test(1), of: domain)
            }
            #expect(try await nodes.first.read { try $0.emails.find(id) }?.content.text == "Hi Ann")
        }
    }

    @Test func `two nodes store the same versions at once`() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            let ids = try await nodes.whileHeld { tx in
                for id in [1, 2, 3] as [UInt8] { _ = try tx.insertEmail(.test(id), of: domain) }
                try tx.flush()
            } _: { second in
                try await second.write { tx in try [3, 2, 1].map { try tx.insertEmail(.test($0), of: domain) } }
            }
            for id in ids { #expect(try await nodes.first.read { try $0.emails.find(id) }?.content.text == "Hi Ann") }
            let count = try await nodes.first.read { try $0.sql.first("SELECT COUNT(*) FROM template_versions") { $0.integer(0) } }
            #expect(count == 3)
        }
    }
}
