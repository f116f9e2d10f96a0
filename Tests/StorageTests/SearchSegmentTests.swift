import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// Searches in whatever state the segments are.
@Suite(.timeLimit(.minutes(4)))
struct SearchSegmentTests {
    /// Sizes at which a few dozen emails are merged and deleted in many steps.
    private static let small = SegmentSizes(emails: 8, late: 3, merged: 3, rowsPerStep: 16)
    private struct Crash: Error {}

    /// What is asked of every state: each filter by itself, and some together.
    private static let filters: [@Sendable (inout EmailFilter, Timestamp) -> Void] = [
        { _, _ in }, { filter, _ in filter.recipient = EmailAddress(validated: "r1@example.org") },
        { filter, _ in filter.recipientDomain = DomainName(validated: "example.net") },
        { filter, _ in filter.sender = EmailAddress(validated: "news@shop1.example") },
        { filter, _ in filter.externalID = "campaign-1" }, { filter, _ in filter.clientID = "client-1" },
        { filter, _ in filter.tag = "tag-1" }, { filter, _ in filter.status = .queued }, { filter, _ in filter.status = .bounced },
        { filter, now in filter.since = now - .seconds(40) }, { filter, now in filter.until = now - .seconds(20) },
        { filter, _ in (filter.recipient, filter.tag) = (EmailAddress(validated: "r0@example.org"), "tag-2") },
        { filter, now in (filter.externalID, filter.since) = ("campaign-0", now - .seconds(60)) },
    ]

    private func matches(_ email: Email, _ filter: EmailFilter) -> Bool {
        (filter.status == nil || email.status == filter.status) && (filter.recipient == nil || email.recipient == filter.recipient)
            && (filter.recipientDomain == nil || email.recipient.domain == filter.recipientDomain)
            && (filter.sender == nil || email.sender == filter.sender)
            && (filter.externalID == nil || email.externalID == filter.externalID)
            && (filter.clientID == nil || email.clientID == filter.clientID)
            && (filter.tag.map(email.content.tags.contains) ?? true) && (filter.since.map { email.id.time >= $0 } ?? true)
            && (filter.until.map { email.id.time < $0 } ?? true)
    }

    private static func email(of domain: SendingDomain, at time: Timestamp, using random: inout SeededGenerator) -> Email {
        var email = Email.test(of: domain, at: time)
        email.id = EmailID(at: time, using: &random)
        email.sender = EmailAddress(validated: "news@\(domain.name)")
        email.recipient = EmailAddress(validated: "r\(random.next() % 3)@example.\(random.next() % 4 == 0 ? "net" : "org")")
        email.status = random.next() % 3 == 0 ? .queued : random.next() % 2 == 0 ? .bounced : .delivered
        if random.next() % 2 == 0 { email.externalID = "campaign-\(random.next() % 2)" }
        if random.next() % 2 == 0 { email.clientID = "client-\(random.next() % 2)" }
        if random.next() % 2 == 0 { email.content.tags = ["tag-1", "tag-2"] }
        return email
    }

    /// Compares what every search finds, page by page, with what it should.
    private func check(_ emails: [Email], of accounts: [Int64?], in store: Store, at now: Timestamp, limit: Int) async throws {
        for set in Self.filters {
            var filter = EmailFilter()
            set(&filter, now)
            for account in accounts {
                let expected = emails.filter { matches($0, filter) && (account == nil || $0.accountID == account) }.map(\.id).sorted(by: >)
                let wanted = filter
                let found = try await store.read { tx in
                    var found: [EmailID] = []
                    var after: EmailID?
                    repeat {
                        let page = try tx.emails.page(matching: wanted, of: account, after: after, limit: limit)
                        found += page.emails.map(\.id)
                        after = page.next
                    } while after != nil
                    return found
                }
                #expect(found == expected, "\(filter) of \(account.map { "\($0)" } ?? "all")")
            }
        }
    }

    private func insert(_ emails: [Email], into store: Store) async throws {
        try await store.write { tx in
            for email in emails { try tx.emails.insert(email, dueAt: email.status == .queued ? tx.now : nil) }
        }
    }

    /// Does all steps that there are to do.
    private func finish(_ store: Store, _ sizes: SegmentSizes = small) async throws {
        let lease = store.lease(of: .searchSegments)
        while try #require(try await lease.step { try $0.segments.step(sizes) }) != .idle {}
        #expect(try await store.read { try $0.segments.hasWork(sizes) } == false)
        await lease.release()
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func everySearchIsExactInEveryState(seed: UInt64) async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            var random = SeededGenerator(seed: seed)
            let domains = try await [store.makeDomain("shop1.example", account: "one"), store.makeDomain("shop2.example", account: "two")]
            let lease = store.lease(of: .searchSegments)
            var emails: [Email] = []
            for round in 0..<60 {
                switch random.next() % 8 {
                case 0...2:
                    // Some of them are older than their commit, by up to months.
                    let age: Duration = .seconds(random.next() % 4 == 0 ? Int(random.next() % 6_000_000) : 0)
                    var made: [Email] = []
                    for _ in 0..<(1 + random.next() % 30) {
                        made.append(Self.email(of: domains[Int(random.next() % 2)], at: clock.now - age, using: &random))
                        clock.advance(by: .milliseconds(random.next() % 700))
                    }
                    try await insert(made, into: store)
                    emails += made
                case 3: clock.advance(by: .seconds(random.next() % 3 == 0 ? 2_000_000 : 5))
                case 4:
                    let time = clock.now - .seconds(5_000_000)
                    let count = try await store.write { try $0.emails.delete(before: time, limit: 30) } / 5
                    let gone = emails.filter { $0.id.time < time && $0.status != .queued }.map(\.id).sorted().prefix(count)
                    emails.removeAll { gone.contains($0.id) }
                    _ = try await store.write { try $0.segments.retire(before: time, limit: 3) }
                case 5:
                    // A crash in the middle of a step.
                    await #expect(throws: Crash.self) {
                        _ = try await lease.step { tx in
                            _ = try tx.segments.step(Self.small)
                            throw Crash()
                        }
                    }
                default: for _ in 0..<(random.next() % 12) { _ = try await lease.step { try $0.segments.step(Self.small) } }
                }
                guard round % 4 == 3 else { continue }
                try await check(
                    emails, of: [domains[0].accountID, domains[1].accountID, nil], in: store, at: clock.now,
                    limit: 1 + Int(random.next() % 20))
            }
            await lease.release()
            try await finish(store)
            try await check(emails, of: [domains[0].accountID, nil], in: store, at: clock.now, limit: 7)
            #expect(try await store.read { try $0.segments.listLive().contains { $0.level > 0 } }, "something was merged")
        }
    }

    /// The rows of `email_search` by their segments, without the number.
    private func rows(_ store: Store) async throws -> [[Int64]: Int] {
        try await store.read { tx in
            let rows = try tx.sql.query("SELECT kind, key, email_id FROM email_search", []) { row in
                [row.integer(0), row.integer(1)] + (try row.emailID(2)).bytes.map(Int64.init)
            }
            return Dictionary(rows.map { ($0, 1) }, uniquingKeysWith: +)
        }
    }

    @Test func segmentsHaveEveryEmailOnce() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            var random = SeededGenerator(seed: 4)
            let domain = try await store.makeDomain("shop1.example")
            for _ in 0..<20 {
                let made = (0..<10).map { _ in Self.email(of: domain, at: clock.now, using: &random) }
                try await store.write { tx in for email in made { try tx.emails.insert(email, dueAt: nil) } }
                clock.advance(by: .seconds(1))
                try await finish(store)
            }
            let (mark, segments) = try await store.read { (try $0.segments.watermark(), try $0.segments.list()) }
            let behind = try await store.read { tx in
                try tx.sql.query("SELECT id FROM emails WHERE id > ?1", [.id(mark.built)]) { try $0.emailID(0) }
            }
            #expect(behind.count < 16)
            #expect(segments.allSatisfy { $0.isFree })
            #expect(segments.count < 8, "\(segments)")
            let rows = try await rows(store)
            #expect(rows.values.allSatisfy { $0 == 1 })
            #expect(rows.keys.filter { $0[0] == SearchKey.Kind.account.rawValue }.count == 200 - behind.count)
        }
    }

    @Test func segmentsGoWithTheirEmails() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            var random = SeededGenerator(seed: 5)
            let domain = try await store.makeDomain("shop1.example")
            let made = (0..<60).map { _ in Self.email(of: domain, at: clock.now, using: &random) }
            try await store.write { tx in for email in made { try tx.emails.insert(email, dueAt: nil) } }
            try await finish(store)
            clock.advance(by: .seconds(40 * 86_400))
            var periods = RetentionPeriods()
            periods.emails = .seconds(30 * 86_400)
            while try await store.write(.none, { [periods] in try $0.retention.delete(periods, limit: 500) }) > 0 {}
            try await finish(store)
            #expect(try await store.read { try $0.segments.list() } == [])
            #expect(try await rows(store).isEmpty)
        }
    }

    /// A clock that was ahead has left ids that are higher than all that follow.
    @Test func emailsBelowTheWatermarkAreFound() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            var random = SeededGenerator(seed: 6)
            let domain = try await store.makeDomain("shop1.example")
            let ahead = (0..<40).map { _ in Self.email(of: domain, at: clock.now + .seconds(86_400), using: &random) }
            try await insert(ahead, into: store)
            try await finish(store)
            let late = (0..<20).map { _ in Self.email(of: domain, at: clock.now, using: &random) }
            try await insert(late, into: store)
            let waiting = { try await store.read { try $0.segments.listLate(from: .zero, below: [0xFF], limit: 100) }.count }
            #expect(try await waiting() == 20)
            try await check(ahead + late, of: [domain.accountID, nil], in: store, at: clock.now, limit: 7)
            try await finish(store)
            #expect(try await waiting() < Self.small.late)
            try await check(ahead + late, of: [domain.accountID, nil], in: store, at: clock.now, limit: 7)
        }
    }

    /// Searches that no key leads end after some thousand emails, and say where to go on; no id of another account is told.
    @Test func aSearchLooksAtABoundedNumberOfEmails() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            var random = SeededGenerator(seed: 7)
            let domain = try await store.makeDomain("shop1.example")
            var ids: [EmailID] = []
            for _ in 0..<20 {
                let made = (0..<500).map { number in
                    var email = Self.email(of: domain, at: clock.now + .milliseconds(number / 10), using: &random)
                    email.status = .delivered
                    return email
                }
                ids += made.map(\.id)
                clock.advance(by: .seconds(1))
                try await store.write { tx in for email in made { try tx.emails.insert(email, dueAt: nil) } }
            }
            for isBuilt in [false, true] {
                if isBuilt { try await finish(store, SegmentSizes()) }
                for account in [domain.accountID, nil] {
                    let page = try await store.read { tx in
                        var filter = EmailFilter()
                        filter.status = .bounced
                        return try tx.emails.page(matching: filter, of: account, after: nil, limit: 50)
                    }
                    #expect(page.emails == [])
                    let next = try #require(page.next)
                    #expect(!ids.contains(next))
                    #expect(ids.filter { $0 >= next }.count >= EmailSearch<ReadTransaction>.mostSeen)
                    #expect(ids.contains { $0 < next })
                }
            }
        }
    }

    @Test func latestOutcomesAreFoundWhereverTheyAre() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop1.example")
            let recipient = EmailAddress(validated: "b@customer.example")
            let statuses: [EmailStatus] = [.delivered, .bounced, .sent, .bounced, .delivered, .bounced]
            var expected: [EmailID] = []
            for number in 0..<90 {
                clock.advance(by: .seconds(1))
                let email = Email.test(of: domain, at: clock.now) { email in
                    email.status = statuses[number % statuses.count]
                    if number % 5 == 0 { email.recipient = EmailAddress(validated: "other@customer.example") }
                }
                try await store.write { try $0.emails.insert(email, dueAt: nil) }
                if email.recipient == recipient, email.status != .sent { expected.insert(email.id, at: 0) }
                if number % 20 == 0 { try await finish(store) }
            }
            let wanted = expected
            let since = clock.now - .seconds(86)
            for limit in [1, 3, 50] {
                let found = try await store.read { tx in
                    try tx.emails.latestOutcomes(to: recipient, accountID: domain.accountID, since: since, limit: limit)
                }
                #expect(found.map(\.id) == Array(wanted.filter { $0.time >= since }.prefix(limit)))
                let changing = try await store.write { tx in
                    try tx.emails.latestOutcomes(to: recipient, accountID: domain.accountID, since: since, limit: limit)
                }
                #expect(changing.map(\.id) == found.map(\.id))
            }
        }
    }
}

/// Emails that are committed below a watermark that another node has set.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct SearchSegmentRaceTests {
    private static let small = SegmentSizes(emails: 8, late: 3, merged: 3, rowsPerStep: 16)

    private static func step(_ node: Store) async throws -> SegmentProgress {
        let lease = node.lease(of: .searchSegments)
        let progress = try #require(try await lease.step { try $0.segments.step(small) })
        await lease.release()
        return progress
    }

    private static func ids(_ node: Store, to recipient: EmailAddress) async throws -> [EmailID] {
        try await node.read { tx in
            var filter = EmailFilter()
            filter.recipient = recipient
            return try tx.emails.page(matching: filter, of: nil, after: nil, limit: 100).emails.map(\.id)
        }
    }

    /// - Parameter knowsBound: whether the transaction reads the bound after it is set.
    @Test(arguments: [false, true]) func anEmailCommittedLaterIsNotLost(knowsBound: Bool) async throws {
        let clock = TestClock()
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop1.example")
            let early = Email.test(of: domain, at: clock.now) { $0.recipient = EmailAddress(validated: "early@customer.example") }
            clock.advance(by: .seconds(1))
            let others = (0..<40).map { _ in Email.test(of: domain, at: clock.now) }
            try await nodes.whileHeld { tx in
                try tx.emails.insert(early, dueAt: nil)
                if !knowsBound { try tx.emails.recordLate() }
            } _: { node in
                try await node.write { tx in for email in others { try tx.emails.insert(email, dueAt: nil) } }
                // The first sets a bound, the others wait for the transaction that is held.
                #expect(try await Self.step(node) == .worked)
                if !knowsBound {
                    for _ in 0..<3 { #expect(try await Self.step(node) == .waits) }
                    #expect(try await Self.ids(node, to: others[0].recipient).count == 40)
                }
            }
            for node in [nodes.first, nodes.second] { #expect(try await Self.ids(node, to: early.recipient) == [early.id]) }
            while try await Self.step(nodes.second) != .idle {}
            #expect(try await nodes.first.read { try $0.segments.watermark().built } > early.id)
            for node in [nodes.first, nodes.second] {
                #expect(try await Self.ids(node, to: early.recipient) == [early.id])
                #expect(try await Self.ids(node, to: others[0].recipient).count == 40)
            }
        }
    }
}
