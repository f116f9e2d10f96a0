import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// What an erasure leaves, and what it must not touch.
@Suite(.timeLimit(.minutes(2)))
struct ErasureTests {
    private static let jane = EmailAddress(validated: "Jane.Doe@home.example")
    private static let subject = "Results of your blood test"

    /// Runs the steps of a job, as the service does, until it is done or has to wait.
    private func run(_ id: JobID, in store: Store) async throws -> ErasureProgress {
        let lease = store.lease(of: .eraseRecipients)
        while let batch = try await store.read({ try $0.erasures.next(of: id) }) {
            #expect(try await store.perform(batch))
            let progress = try await lease.step { try $0.erasures.apply(batch) }
            if let progress, progress != .worked {
                await lease.release()
                return progress
            }
            try #require(progress != nil, "another holder has the lease")
        }
        await lease.release()
        return .done
    }

    @discardableResult
    private func erase(_ address: EmailAddress = jane, of accountID: Int64? = nil, in store: Store) async throws -> Job {
        let job = try await store.write { try $0.jobs.insert(erasing: address, accountID: accountID) }
        #expect(try await run(job.id, in: store) == .done)
        return try #require(try await store.read { try $0.jobs.find(job.id) })
    }

    /// Everything in all tables, in lower case.
    private func contents(of store: Store) async throws -> String {
        try await store.read { tx in
            var text = ""
            for table in try TableShape.all(in: tx.sql) {
                var pages = TablePages(table)
                while case let rows = try pages.next(in: tx.sql), !rows.isEmpty {
                    for value in rows.joined() {
                        switch value {
                        case .text(let content): text += content + "\n"
                        case .blob(let bytes): text += String(decoding: bytes, as: UTF8.self) + "\n"
                        case .integer, .real, .null: break
                        }
                    }
                }
            }
            return text.lowercased()
        }
    }

    private func email(
        of domain: SendingDomain, to recipient: EmailAddress = jane, at time: Timestamp, configure: (inout Email) -> Void = { _ in }
    ) -> Email {
        Email.test(of: domain, at: time) { email in
            email.recipient = recipient
            email.clientID = "client-of-jane"
            email.content.subject = Self.subject
            email.content.text = "Dear Jane.Doe@home.example"
            configure(&email)
        }
    }

    @Test func `Nothing of the recipient is left in any table`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let template = try await store.makeDomain("other.example", account: "other")
            let sent = try await store.write { [self] tx in
                let sent = email(of: domain, at: tx.now) {
                    $0.content.callbacks = ["https://hooks.example/?to=jane.doe@home.example"]
                    $0.content.alias = "jane.doe@home.example"
                    $0.content.tags = ["spring"]
                }
                try tx.emails.insert(sent, dueAt: nil)
                try tx.emails.insert(attachments: [Array("jane.doe@home.example".utf8)], of: sent.id)
                try tx.sesMessages.insert("ses-1", of: sent.id)
                let bounce = TimelineEntry(
                    .bounced, at: tx.now, explanation: "550 <jane.doe@home.example>", details: #"{"to": "jane.doe@home.example"}"#)
                try tx.emails.recordEvent(on: sent.id, TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
                try tx.emails.recordEvent(on: sent.id, bounce, status: .bounced, settles: true)
                _ = try tx.idempotencyKeys.insert(
                    "key", accountID: domain.accountID, fingerprint: [1],
                    answer: FirstAnswer(
                        emailID: sent.id, status: .queued, note: "jane.doe@home.example is a role", transactionID: "t", time: tx.now),
                    within: .seconds(86_400))
                let lower = EmailAddress(validated: "jane.doe@home.example")
                try tx.emails.insert(email(of: template, to: lower, at: tx.now), dueAt: tx.now)
                for account in [domain.accountID, template.accountID] {
                    try tx.suppressions.insert(
                        SuppressionEntry(address: lower, reason: .manual, note: "jane.doe@home.example called"), accountID: account,
                        source: .api)
                }
                _ = try tx.subscriptions.insert(
                    Subscription(
                        id: SubscriptionID(at: tx.now), accountID: domain.accountID, list: "news", address: Self.jane, sender: sent.sender,
                        createdAt: tx.now, mailedAt: tx.now), replacing: nil)
                try tx.unmatchedEvents.insert(messageID: "x", kind: "Bounce", source: nil, payload: #"{"to": "Jane.Doe@Home.example"}"#)
                try tx.unmatchedEvents.insert(messageID: "y", kind: "Bounce", source: nil, payload: #"{"to": "john@home.example"}"#)
                _ = try tx.receipts.insert("event Bounce ses-1 1 jane.doe@home.example 5")
                return sent
            }
            #expect(try await contents(of: store).contains("jane.doe"))
            let job = try await erase(in: store)
            let left = try await contents(of: store)
            for trace in ["jane.doe", "blood test", "client-of-jane"] { #expect(!left.contains(trace), "\(trace)") }
            #expect(left.contains("john@home.example"))
            #expect(job.state == .done && job.maskedRecipient == "J***@home.example")
            let expected: [ErasureCounts.Kind: Int64] = [
                .emails: 2, .cancelled: 1, .attachments: 1, .callbacks: 2, .idempotencyAnswers: 1, .subscriptions: 1, .suppressions: 2,
                .unmatchedEvents: 1, .receipts: 1,
            ]
            for (kind, count) in expected { #expect(job.counts[kind] == count, "\(kind)") }

            let row = try #require(try await store.read { try $0.emails.find(sent.id) })
            #expect(row.recipient.isErased && row.content.subject == "" && row.content.isDropped && row.content.tags == ["spring"])
            #expect(row.status == .bounced)
            let timeline = try await store.read { try $0.timeline.list(of: row) }
            #expect(timeline.map(\.status) == ["QUEUED", "SENT", "ERASED"])
            let key = try await store.read { try $0.idempotencyKeys.find("key", accountID: domain.accountID, within: .seconds(86_400)) }
            #expect(key?.emailID == sent.id && key?.answer == nil, "the key holds on")
        }
    }

    @Test func `An event after the erasure brings nothing back`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let id = try await store.write { [self] tx in
                let email = email(of: domain, at: tx.now) { $0.content.callbacks = ["https://hooks.example/"] }
                try tx.emails.insert(email, dueAt: nil)
                return email.id
            }
            try await erase(in: store)
            try await store.write { tx in
                let effect = EventEffect(
                    kind: "BOUNCED", status: .bounced, explanation: "550 jane.doe@home.example",
                    recipients: [EventEffect.Recipient(address: Self.jane)], mailbox: .init(isSoftBounce: true, limit: 1),
                    suppression: .init(reason: .hardBounce, others: []))
                try tx.emails.apply(effect, to: id)
            }
            #expect(try await store.read { try $0.emails.find(id) }?.status == .bounced)
            #expect(try await !contents(of: store).contains("jane.doe"))
            #expect(try await store.read { try $0.sql.first("SELECT COUNT(*) FROM callback_deliveries") { $0.integer(0) } } == 0)
            #expect(try await store.read { try $0.sql.first("SELECT COUNT(*) FROM suppressions") { $0.integer(0) } } == 0)
        }
    }

    @Test func `A suppression holds on as a hash, for imports too, until its address is lifted`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            let entry = SuppressionEntry(address: Self.jane, reason: .unsubscribe)
            _ = try await store.write { try $0.suppressions.insert(entry, accountID: domain.accountID, source: .link) }
            try await erase(in: store)
            let isSuppressed: @Sendable () async throws -> Bool = {
                // With the recipients of the batch read together, and without.
                let intent = WriteIntent.emails(of: domain.name, to: [Self.jane], for: domain.accountID)
                let sender = EmailAddress(validated: "a@shop.example")
                let (first, second) = try await (
                    store.write(intent) { try $0.suppressions.isSuppressed(Self.jane, accountID: domain.accountID, sender: sender) },
                    store.read { try $0.suppressions.isSuppressed(Self.jane, accountID: domain.accountID, sender: sender) }
                )
                #expect(first == second)
                return first
            }
            #expect(try await isSuppressed())
            let again = try await store.write { try $0.suppressions.insert(entry, accountID: domain.accountID, source: .import) }
            #expect(!again)
            // A reason that takes the place of the other does so under the hash.
            try await store.write { tx in
                try tx.suppressions.insert(Self.jane, accountID: domain.accountID, reason: .complaint, note: "jane.doe@home.example")
            }
            #expect(try await !contents(of: store).contains("jane.doe"))
            let found = try await store.read { try $0.suppressions.list(of: Self.jane, accountID: nil, limit: 10) }
            #expect(found.map(\.entry.reason) == [.complaint] && found.allSatisfy(\.entry.address.isErased))
            let lifted = try await store.write { try $0.suppressions.delete(Self.jane, sender: nil, accountID: domain.accountID) }
            #expect(lifted.count == 1)
            #expect(try await !isSuppressed())
        }
    }

    /// Its process has not seen the secret of the hashes before.
    @Test(arguments: TestEngine.available) func `Another node honours a hash that it has not known of`(engine: TestEngine) async throws {
        try await withDatabase(engine) { database in
            let clock = TestClock()
            let stores = (0..<2).map { _ in Store(database, clock: { clock.now }) }
            try await stores[0].migrate()
            let domain = try await stores[0].makeDomain("shop.example")
            let intent = WriteIntent.emails(of: domain.name, to: [Self.jane], for: domain.accountID)
            let isSuppressed: @Sendable () async throws -> Bool = {
                try await stores[1].write(intent) {
                    try $0.suppressions.isSuppressed(
                        Self.jane, accountID: domain.accountID, sender: EmailAddress(validated: "a@shop.example"))
                }
            }
            #expect(try await !isSuppressed())
            _ = try await stores[0].write {
                try $0.suppressions.insert(SuppressionEntry(address: Self.jane, reason: .manual), accountID: domain.accountID, source: .api)
            }
            try await erase(in: stores[0])
            #expect(try await isSuppressed())
        }
    }

    @Test func `An account erases its own data alone`() async throws {
        try await withStore { store in
            let (own, other) = (try await store.makeDomain("shop.example"), try await store.makeDomain("other.example", account: "other"))
            let ids = try await store.write { [self] tx in
                try [own, other].map { domain in
                    let email = email(of: domain, at: tx.now)
                    try tx.emails.insert(email, dueAt: nil)
                    try tx.unmatchedEvents.insert(
                        messageID: nil, kind: "Bounce", source: "a@\(domain.name)", payload: "jane.doe@home.example")
                    return email.id
                }
            }
            let job = try await erase(of: own.accountID, in: store)
            #expect(job.counts[.emails] == 1)
            let rows = try await store.read { tx in try ids.map { try tx.emails.find($0)?.recipient.isErased } }
            #expect(rows == [true, false])
        }
    }

    @Test func `An attempt that is under way is waited for; what waits is cancelled and given back`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example") { $0.counters.sentToday = 2 }
            let ids = try await store.write { [self] tx in
                try (0..<2).map { delay in
                    let email = email(of: domain, at: tx.now)
                    try tx.emails.insert(email, dueAt: tx.now + .seconds(delay))
                    return email.id
                }
            }
            #expect(try await store.write { try TestClaim(limit: 1).run(in: $0) }.map(\.id) == [ids[0]])
            let job = try await store.write { try $0.jobs.insert(erasing: Self.jane, accountID: nil) }
            #expect(try await run(job.id, in: store) == .waits)
            #expect(try await store.read { try $0.jobs.find(job.id) }?.state == .running)
            let states = try await store.read { tx in try ids.map { try tx.emails.find($0)?.status } }
            #expect(states == [.dequeued, .cancelled])
            #expect(try await store.write { try $0.domains.find(domain.id) }?.counters.sentToday == 1)
            try await store.write { try $0.queue.record(.sent(messageID: "ses-1"), of: ids[0], owner: "node") }
            #expect(try await run(job.id, in: store) == .done)
            #expect(try await store.read { try $0.emails.find(ids[0]) }?.status == .sent)
            #expect(try await store.read { try $0.emails.find(ids[0]) }?.recipient.isErased == true)
        }
    }

    @Test func `A copy goes out of the message that it is a copy of, and a message takes its copies with it`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            let john = EmailAddress(validated: "john@home.example")
            let make: @Sendable (EmailAddress, EmailAddress) async throws -> [EmailID] = { to, cc in
                try await store.write { tx in
                    let copyID = EmailID(at: tx.now)
                    var email = Email.test(of: domain, at: tx.now) { $0.recipient = to }
                    email.content.recipients = Recipients(to: to, copies: [EmailCopy(id: copyID, address: cc, name: "X", kind: .cc)])
                    try tx.emails.insert(email, dueAt: tx.now + .seconds(60))
                    let original = email.id
                    (email.id, email.recipient, email.copyOf) = (copyID, cc, CopyOrigin(id: original, kind: .cc))
                    try tx.emails.insert(email, dueAt: tx.now + .seconds(60))
                    return [original, copyID]
                }
            }
            let (copied, mailed) = (try await make(john, Self.jane), try await make(Self.jane, john))
            try await erase(in: store)
            #expect(try await !contents(of: store).contains("jane.doe"))
            let emails = try await store.read { tx in try (copied + mailed).map { try tx.emails.find($0) } }
            #expect(emails.map { $0?.status } == [.queued, .cancelled, .cancelled, .cancelled])
            #expect(emails[0]?.content.text == "t" && emails[0]?.content.recipients?.copies.first?.address.isErased == true)
            #expect(emails[1]?.content.text == "" && emails[3]?.content.isDropped == true)
        }
    }

    @Test func `It goes through segments, and their rows of the recipient go`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let count = 60
            try await store.write { [self] tx in
                for number in 0..<count {
                    let other = EmailAddress(validated: "u\(number)@home.example")
                    try tx.emails.insert(email(of: domain, to: number.isMultiple(of: 2) ? Self.jane : other, at: tx.now), dueAt: nil)
                }
            }
            let sizes = SegmentSizes(emails: 8, late: 4, merged: 2, rowsPerStep: 16)
            let lease = store.lease(of: .searchSegments)
            for _ in 0..<30 { _ = try await lease.step { try $0.segments.step(sizes) } }
            let rows: @Sendable () async throws -> Int64? = {
                try await store.read { tx in
                    try SearchKey.all(ofRecipient: Self.jane).filter { $0.kind != .domain }.map { key in
                        try tx.sql.first(
                            "SELECT COUNT(*) FROM email_search WHERE kind = ?1 AND key = ?2",
                            [.integer(key.kind.rawValue), .integer(key.numbers.lowerBound)]
                        ) { $0.integer(0) } ?? 0
                    }.reduce(0, +)
                }
            }
            #expect(try await rows() ?? 0 > 0)
            #expect(try await erase(in: store).counts[.emails] == Int64(count / 2))
            #expect(try await rows() == 0)
        }
    }

    @Test func `Contents go before the emails, but of those that are still to be sent`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let ids = try await store.write { [self] tx in
                try [nil, tx.now + .seconds(100 * 86_400)].map { due in
                    let email = email(of: domain, at: tx.now) {
                        $0.content.attachments = [Attachment(filename: "a.txt", contentType: "text/plain", contentID: nil, size: 1)]
                    }
                    try tx.emails.insert(email, dueAt: due)
                    try tx.emails.insert(attachments: [[1]], of: email.id)
                    return email.id
                }
            }
            var periods = RetentionPeriods()
            periods.contents = .seconds(86_400)
            let drop: @Sendable () async throws -> Void = { [periods] in
                for _ in 0..<5 { _ = try await store.write { try $0.retention.delete(periods, limit: 30) } }
            }
            try await drop()
            #expect(try await store.read { try $0.emails.find(ids[0]) }?.content.isDropped == false)
            clock.advance(by: .seconds(2 * 86_400))
            try await drop()
            let emails = try await store.read { tx in try ids.compactMap { try tx.emails.find($0) } }
            #expect(emails.map(\.content.isDropped) == [true, false])
            #expect(emails.map(\.content.text.isEmpty) == [true, false] && emails.allSatisfy { $0.content.subject == Self.subject })
            #expect(emails[0].content.attachments.isEmpty && emails[0].recipient == Self.jane)
            #expect(try await store.read { try $0.emails.attachments(of: emails[1]) } == [[1]])
            // Once it is sent, it is looked at again.
            try await store.write { tx in
                try tx.emails.recordEvent(on: ids[1], TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
            }
            clock.advance(by: .seconds(3601))
            try await drop()
            #expect(try await store.read { try $0.emails.find(ids[1]) }?.content.isDropped == true)
        }
    }

    @Test func `A job that fails again and again is given up`() async throws {
        try await withStore { store in
            let job = try await store.write { try $0.jobs.insert(erasing: Self.jane, accountID: nil) }
            for _ in 0..<2 { try await store.write { try $0.jobs.recordFailure(of: job.id, "no", limit: 2) } }
            let failed = try await store.read { try $0.jobs.find(job.id) }
            #expect(failed?.state == .failed && failed?.failure == "no")
            #expect(try await store.read { try $0.jobs.listOpen(limit: 1) }.isEmpty)
            #expect(try await !contents(of: store).contains("jane.doe"))
        }
    }

    @Test func `A held database is released once`() async throws {
        try await withStore { store in
            #expect(!store.isHeld && !store.isWorkPaused)
            try await store.write { try $0.hold.insert(reason: "restored") }
            #expect(try await store.refreshHold()?.reason == "restored")
            #expect(store.isHeld && store.isWorkPaused)
            #expect(try await store.write { try $0.hold.delete() } != nil)
            #expect(try await store.write { try $0.hold.delete() } == nil)
            #expect(try await store.refreshHold() == nil)
            #expect(!store.isWorkPaused)
        }
    }
}
