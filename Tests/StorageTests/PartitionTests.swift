import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestEngine.chosen == .postgres, "SQLite has no partitions"), .timeLimit(.minutes(2)))
struct PartitionTests {
    private func partitions(of table: String, in store: Store) async throws -> [String] {
        let database = try #require(store.database as? any PartitionedDatabase)
        return try await database.partitions(of: table)
    }

    private func insert(_ time: Timestamp, into store: Store, _ domain: SendingDomain, dueAt: Timestamp? = nil) async throws -> EmailID {
        let email = Email.test(of: domain, at: time)
        try await store.write { tx in
            try tx.emails.insert(email, dueAt: dueAt)
            try tx.sesMessages.insert("ses-\(email.id)", of: email.id)
        }
        return email.id
    }

    private func rows(_ table: String, in store: Store) async throws -> Int64 {
        try await store.read { try $0.sql.first("SELECT COUNT(*) FROM \(table)") { $0.integer(0) } ?? 0 }
    }

    @Test func `months are created ahead, once, by the first node`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let refused = try await withThrowingTaskGroup(of: [String].self) { nodes in
                for _ in 0..<4 { nodes.addTask { try await Self.retrying { try await store.makePartitions() } } }
                return try await nodes.reduce(into: []) { $0 += $1 }
            }
            #expect(refused == [])
            let names = ["emails_2026_06", "emails_2026_07", "emails_2026_08", "emails_2026_09"]
            #expect(try await partitions(of: "emails", in: store) == names)
            #expect(try await partitions(of: "callback_deliveries", in: store).count == 4)
            clock.advance(by: .seconds(30 * 86_400))
            #expect(try await store.makePartitions() == [])
            #expect(try await partitions(of: "timeline", in: store).last == "timeline_2026_10")
            let domain = try await store.makeDomain("shop.example")
            let id = try await insert(clock.now, into: store, domain)
            #expect(try await rows("emails_2026_07", in: store) == 1)
            #expect(try await store.read { try $0.emails.find(id)?.id } == id)
        }
    }

    /// A lock that was waited for too long is no failure: the next call creates what is missing.
    private static func retrying(_ body: () async throws -> [String]) async throws -> [String] {
        while true {
            do { return try await body() } catch StorageError.unavailable {}
        }
    }

    @Test func `rows of a month without partition stay in the default one, and later months get theirs`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let id = try await insert(clock.now, into: store, domain)
            let refused = try await store.makePartitions()
            #expect(refused == ["emails_2026_06", "email_contents_2026_06", "ses_messages_2026_06"])
            #expect(try await partitions(of: "emails", in: store) == ["emails_2026_07", "emails_2026_08", "emails_2026_09"])
            #expect(try await rows("emails_rest", in: store) == 1)
            #expect(try await store.read { try $0.emails.find(id)?.id } == id)
            let next = try await insert(clock.now + .seconds(30 * 86_400), into: store, domain)
            #expect(try await rows("emails_2026_07", in: store) == 1)
            #expect(try await store.read { try $0.emails.find(next)?.id } == next)
        }
    }

    @Test func `months that are old enough are dropped, except those with open emails`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let first = CalendarMonth(year: 2026, month: 1)
            try await store.makePartitions(from: first)
            for number in 0..<6 {
                // An email of February is still to be sent.
                let time = CalendarMonth(number: first.number + Int64(number)).start + .seconds(3600)
                _ = try await insert(time, into: store, domain, dueAt: number == 1 ? clock.now : nil)
            }
            #expect(try await store.dropPartitions(RetentionPeriods()).filter { !$0.hasPrefix("callback") } == [])
            var periods = RetentionPeriods()
            // The 15th of June less 60 days is the 16th of April: a part of April is kept.
            periods.emails = .seconds(60 * 86_400)
            let dropped = try await store.dropPartitions(periods)
            #expect(dropped.filter { $0.hasPrefix("emails") } == ["emails_2026_01", "emails_2026_03"])
            #expect(Set(dropped).isSuperset(of: ["email_contents_2026_01", "timeline_2026_03", "ses_messages_2026_01"]))
            #expect(!dropped.contains { $0.hasSuffix("2026_02") })
            #expect(try await rows("emails", in: store) == 4)
            #expect(try await rows("email_contents", in: store) == 4)
            #expect(try await rows("ses_messages", in: store) == 4)
        }
    }

    @Test func `the month of the newest email stays, whatever the clock says`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            try await store.makePartitions(from: CalendarMonth(year: 2026, month: 5))
            let old = try await insert(CalendarMonth(year: 2026, month: 5).start, into: store, domain)
            let newest = try await insert(clock.now, into: store, domain)
            // An email that a clock ahead has accepted does not count as the newest one.
            let future = try await insert(clock.now + .seconds(400 * 86_400), into: store, domain)
            clock.advance(by: .seconds(200 * 86_400))
            var periods = RetentionPeriods()
            periods.emails = .seconds(30 * 86_400)
            #expect(try await store.dropPartitions(periods).filter { $0.hasPrefix("emails") } == ["emails_2026_05"])
            #expect(try await store.read { try $0.emails.find(old) } == nil)
            #expect(try await store.read { try $0.emails.find(newest)?.id } == newest)
            #expect(try await store.read { try $0.emails.find(future)?.id } == future)
        }
    }

    @Test func `a drop neither waits for a reader nor cancels it`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            try await store.makePartitions(from: CalendarMonth(year: 2026, month: 1))
            var periods = RetentionPeriods()
            periods.emails = .seconds(60 * 86_400)
            let (began, didBegin) = AsyncStream.makeStream(of: Void.self)
            let release = BlockingLatch()
            let reader = Task {
                try await store.read { tx in
                    _ = try tx.sql.query("SELECT id FROM emails", []) { _ in }
                    didBegin.yield()
                    release.wait()
                    return try tx.sql.query("SELECT id FROM emails", []) { _ in }.count
                }
            }
            for await _ in began { break }
            var isRefused = false
            do { _ = try await store.dropPartitions(periods) } catch StorageError.unavailable { isRefused = true }
            #expect(isRefused)
            release.release()
            #expect(try await reader.value == 0)
            #expect(try await store.dropPartitions(periods).contains("emails_2026_03"))
        }
    }
}
