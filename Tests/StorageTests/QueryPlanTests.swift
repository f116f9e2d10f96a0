import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// Queries read indexes, on both engines, however much is stored; where there are partitions, they read that of the id or time.
@Suite(.timeLimit(.minutes(2)))
struct QueryPlanTests {
    private static let months: Int64 = 4
    private static let emailsPerMonth = 1500
    private static let filled = ["_2026_03", "_2026_04", "_2026_05", "_2026_06"]
    /// The tables that grow with use.
    private static let growing = [
        "emails", "email_contents", "email_templates", "email_attachments", "email_search", "timeline", "ses_messages",
        "callback_deliveries", "suppressions", "idempotency_keys", "sns_receipts", "audit_log",
    ]

    /// Subqueries with a limit, by the names that the queries give them.
    private static let bounded = ["SCAN w", "SCAN c"]
    /// Partial indexes of few rows, which are read as a whole.
    private static let ofFew = ["callback_lanes_failing", "domains_suspended", "domains_review", "domains_left_over", "search_segments"]

    /// Queries, with a name for the test's messages.
    private struct Question: Sendable {
        var name: String
        var body: @Sendable (Transaction) throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (Transaction) throws -> Void) {
            self.name = name
            self.body = body
        }
    }

    private struct Filled {
        var store: Store
        var accountID: Int64
        /// Emails of each month, the oldest first.
        var emails: [[EmailID]]
        var now: Timestamp
    }

    private func withFilledStore(_ body: (Filled) async throws -> Void) async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let first = CalendarMonth(number: clock.now.month.number - Self.months + 1)
            #expect(try await store.makePartitions(from: first) == [])
            var generator = SeededGenerator(seed: 7)
            var emails: [[EmailID]] = []
            for month in 0..<Self.months {
                let start = CalendarMonth(number: first.number + month).start
                let ids = (0..<Self.emailsPerMonth).map { EmailID(at: start + .seconds($0), using: &generator) }
                emails.append(ids)
                let isLast = month == Self.months - 1
                try await store.database.write { transaction in
                    try fill(transaction, ids, of: domain, isDue: isLast)
                }
            }
            try await buildSegments(store)
            let oldest = emails[0][0]
            try await store.write { tx in
                for number in 0..<3000 {
                    let address = EmailAddress(validated: "s\(number)@customer.example")
                    try tx.suppressions.insert(address, accountID: domain.accountID, reason: .manual, note: nil)
                    guard number < 1000 else { continue }
                    _ = try tx.receipts.insert("receipt-\(number)")
                    _ = try tx.idempotencyKeys.insert(
                        "key-\(number)", accountID: domain.accountID, fingerprint: [1],
                        answer: FirstAnswer(emailID: oldest, status: .queued, note: nil, transactionID: "t", time: tx.now),
                        within: .seconds(86_400))
                }
            }
            try await store.database.write { transaction in
                guard transaction.dialect.partitioning != nil else { return }
                for table in Self.growing { try transaction.execute("ANALYZE \(table)") }
            }
            try await body(Filled(store: store, accountID: domain.accountID, emails: emails, now: clock.now))
        }
    }

    /// Most emails are in segments, and some behind them.
    private func buildSegments(_ store: Store) async throws {
        let lease = store.lease(of: .searchSegments)
        let sizes = SegmentSizes(emails: 64, late: 8, merged: 8, rowsPerStep: 4096)
        for _ in 0..<90 { _ = try await lease.step { try $0.segments.step(sizes) } }
    }

    /// Rows as the store writes them; a few of the youngest are still to be sent.
    private func fill(_ transaction: any DatabaseTransaction, _ ids: [EmailID], of domain: SendingDomain, isDue: Bool) throws {
        let tx = Transaction(transaction, now: ids[ids.count - 1].time)
        for (number, id) in ids.enumerated() {
            let status: EmailStatus = isDue && number % 500 == 0 ? .queued : number % 50 == 0 ? .bouncedPermanent : .delivered
            var email = Email(
                id: id, accountID: domain.accountID, userName: "acme", operatorName: "ops", domainID: domain.id,
                sender: EmailAddress(validated: "news\(number % 300)@shop.example"),
                recipient: EmailAddress(validated: "r\(number)@customer.example"), status: .queued, externalID: "campaign-\(number % 300)",
                clientID: "client-\(number)", createdAt: id.time, updatedAt: id.time, content: EmailContent(subject: "Hello", text: "Hello")
            )
            email.content.tags = ["tag-\(number % 300)"]
            if number % 300 == 0 { email.content.callbacks = ["https://customer.example/status"] }
            try tx.emails.insert(email, dueAt: status == .queued ? id.time : nil)
            try tx.emails.insert(template: .test(UInt8(number % 250)), of: id)
        }
        // Their statuses all at once: `insert` would enqueue callbacks for each.
        let bytes = ids.map { DatabaseValue.id($0) }
        if !isDue {
            try transaction.execute(
                "UPDATE emails SET status = 'DELIVERED' WHERE id >= ?1 AND id <= ?2", [bytes[0], bytes[bytes.count - 1]])
        }
        let timeline = Insertion(into: "timeline", ["email_id", "number", "status", "at"])
        let messages = Insertion(into: "ses_messages", ["message_id", "email_id"])
        let attachments = Insertion(into: "email_attachments", ["email_id", "number", "data"])
        for id in ids {
            for number in [1, 2] {
                try transaction.add([.id(id), .integer(number), .text("SENT"), .timestamp(tx.now)], by: timeline)
            }
            try transaction.add([.text("ses-\(id)"), .id(id)], by: messages)
            try transaction.add([.id(id), .integer(0), .blob([1])], by: attachments)
            try transaction.add(Self.auditRow(id, of: domain.accountID), by: AuditRow.insertion)
        }
        try tx.flush()
        try fillDeliveries(transaction, ids, of: domain, in: tx)
    }

    private static func auditRow(_ id: EmailID, of accountID: Int64) -> [DatabaseValue] {
        [
            .id(AuditID(uuid: id)), .integer(accountID), .text("key"), .integer(Int64(id.bytes[15])), .text("Ann"), .null,
            .text(AuditAction.allCases[Int(id.bytes[14]) % AuditAction.allCases.count].rawValue), .text("key:\(id.bytes[15])"), .null,
            .null, .null, .null,
        ]
    }

    private func fillDeliveries(
        _ transaction: any DatabaseTransaction, _ ids: [EmailID], of domain: SendingDomain, in tx: Transaction
    ) throws {
        let queue = try tx.receiverQueues.findOrInsert(for: "https://customer.example/status", accountID: domain.accountID)
        let deliveries = Insertion(
            into: "callback_deliveries",
            [
                "id", "account_id", "lane_id", "email_id", "number", "event_id", "url", "event", "status", "failures", "attempts",
            ])
        for (number, id) in ids.enumerated() {
            try transaction.add(
                [
                    .id(CallbackID(at: id.time)), .integer(domain.accountID), .integer(queue), .id(id), .integer(1),
                    .id(CallbackID(at: id.time)), .text("https://customer.example/status"), .text("{}"),
                    .text(number % 100 == 0 ? "parked" : "delivered"), .integer(0), .text("[]"),
                ], by: deliveries)
        }
    }

    /// Returns the plans of the statements of `body`, which is rolled back.
    private func plans(in store: Store, _ body: @escaping @Sendable (Transaction) throws -> Void) async throws -> [(
        sql: String, lines: [String]
    )] {
        struct Undone: Error {}
        var plans: [(sql: String, lines: [String])] = []
        let now = store.now
        plans = try await store.database.write { transaction in
            let explaining = ExplainingTransaction(transaction)
            // With the default costs, of a magnetic disk, a scan of these fifty pages is cheaper than an index. They stand for millions.
            if transaction.dialect.partitioning != nil { try transaction.execute("SET LOCAL random_page_cost = 1.1") }
            do {
                try transaction.savepoint {
                    let tx = Transaction(explaining, now: now)
                    try body(tx)
                    try tx.flush()
                    throw Undone()
                }
            } catch is Undone {}
            return explaining.plans
        }
        return plans
    }

    @Test func `nothing that grows is read as a whole`() async throws {
        try await withFilledStore { filled in
            var count = 0
            for question in questions(filled) {
                for plan in try await plans(in: filled.store, question.body) {
                    count += 1
                    let walks = plan.lines.filter(isWalk)
                    #expect(walks.isEmpty, "\(question.name): \(plan.sql)\n\(plan.lines.joined(separator: "\n"))")
                }
            }
            #expect(count >= questions(filled).count)
        }
    }

    /// Whether a step scans a table that grows.
    ///
    /// Partitions of later months are empty.
    private func isWalk(_ line: String) -> Bool {
        if line.hasPrefix("SCAN ") {
            return !line.contains("CONSTANT ROW") && !Self.bounded.contains(line) && !Self.ofFew.contains { line.hasSuffix($0) }
        }
        guard let scan = line.firstRange(of: "Seq Scan on ") else { return false }
        let table = line[scan.upperBound...].prefix { $0 != " " }
        return Self.growing.contains(String(table)) || (Self.filled.contains { table.hasSuffix($0) })
    }

    private func questions(_ filled: Filled) -> [Question] {
        let id = filled.emails[1][7]
        let due = filled.emails[filled.emails.count - 1][0]
        let account = filled.accountID
        let recipient = EmailAddress(validated: "r7@customer.example")
        let sender = EmailAddress(validated: "news7@shop.example")
        return searches(of: account) + claims(of: account) + reports(of: account) + audits(of: account) + [
            Question("email") { _ = try $0.emails.find(id) },
            Question("attachments") { try attachments(of: id, in: $0) },
            Question("copies") { _ = try $0.emails.statuses(of: [EmailCopy(id: id, address: recipient, kind: .cc)]) },
            Question("timeline") { tx in _ = try tx.emails.find(id).map { try tx.timeline.list(of: $0) } },
            Question("email by SES's id") { _ = try $0.sesMessages.find("ses-\(id)") },
            Question("suppressed") { _ = try $0.suppressions.isSuppressed(recipient, accountID: account, sender: sender) },
            Question("a batch") { tx in
                try tx.prepare(for: [
                    .emails(of: sender.domain, to: [recipient]), .email(due, messageID: "new"),
                    .event(EventIntent(email: due, messageID: "ses-\(id)", receipts: ["receipt-7"])),
                ])
            },
            Question("idempotency key") { _ = try $0.idempotencyKeys.find("k", accountID: account, within: .seconds(3600)) },
            Question("receipt") { _ = try $0.receipts.insert("m") },
            Question("steps of the segments") { tx in
                for _ in 0..<6 { _ = try tx.segments.step(SegmentSizes(emails: 64, late: 8, merged: 2, rowsPerStep: 512)) }
            },
            Question("retired segments") { _ = try $0.segments.retire(before: id.time, limit: 10) },
            Question("soft bounces") { _ = try $0.emails.latestOutcomes(to: recipient, accountID: account, since: id.time, limit: 5) },
            Question("claim of emails") { _ = try TestClaim(owner: "n").run(in: $0) },
            Question("next email") { _ = try $0.queue.nextDue() },
            Question("outcome") { try $0.queue.record(.sent(messageID: "new"), of: due, owner: "n") },
            Question("event") { try $0.emails.recordEvent(on: id, TimelineEntry(.open, at: id.time), status: .open, settles: false) },
            Question("texts of a template") { _ = try $0.templateVersions.texts(of: id) },
            Question("retention of templates") { tx in
                let checked = try tx.templateVersions.delete(limit: 50)
                #expect(checked > 0)
            },
            Question("retention of emails") { _ = try $0.emails.delete(before: id.time, limit: 50) },
            Question("deliveries") { _ = try $0.callbacks.list(of: account, status: nil, after: nil, limit: 10) },
            Question("deliveries of all") { _ = try $0.callbacks.list(status: nil, after: nil, limit: 10) },
            Question("parked deliveries of all") { _ = try $0.callbacks.list(status: .parked, after: nil, limit: 10) },
            Question("lines of deliveries") { tx in _ = try tx.callbacks.lines(of: tx.callbacks.list(of: id)) },
            Question("health of an endpoint") { tx in
                let endpoint = CallbackEndpoint(
                    id: 1, accountID: account, url: "https://customer.example/status", events: [], isActive: true, createdAt: id.time)
                _ = try tx.callbacks.health(of: [endpoint], withParked: true)
            },
            Question("failing receivers") { _ = try $0.callbacks.listFailing(of: nil, limit: 5) },
            Question("failing receivers of an account") { _ = try $0.callbacks.listFailing(of: account, limit: 5) },
            Question("addresses by their beginning") { _ = try $0.segments.recipients(beginningWith: "r7", of: nil, limit: 10) },
            Question("addresses of an account by their beginning") {
                _ = try $0.segments.recipients(beginningWith: "r77@cust", of: account, limit: 10)
            },
            Question("parked deliveries") { _ = try $0.callbacks.list(of: account, status: .parked, after: nil, limit: 10) },
            Question("deliveries of an email") { _ = try $0.callbacks.list(of: id) },
            Question("claim of callbacks") { _ = try $0.callbacks.claim(CallbackClaimRules(owner: "n"), limit: 10, underWay: [:]) },
            Question("backlog of an account") { _ = try $0.queue.backlog(of: account) },
            Question("fullest domains of an account") { _ = try $0.domains.listFullest(of: account, limit: 5) },
            Question("fullest domains of a month") { _ = try $0.domains.listFullest(of: account, inMonth: true, limit: 5) },
            Question("domains suspended automatically") { _ = try $0.domains.listSuspended(of: nil, isAutomatic: true, limit: 5) },
            Question("suspended domains") { _ = try $0.domains.listSuspended(of: nil, limit: 5) },
            Question("suspended domains of an account") { _ = try $0.domains.listSuspended(of: account, limit: 5) },
            Question("accounts") { _ = try $0.accounts.listSummaries(nil, after: nil, limit: 5) },
            Question("accounts to be reviewed") { _ = try $0.accounts.listSummaries(.blocked, after: nil, limit: 5) },
            Question("key of a token") { _ = try $0.keys.find(tokenHash: [1]) },
            Question("keys") { _ = try $0.keys.list(of: nil, after: nil, limit: 5) },
            Question("keys of an account") { _ = try $0.keys.list(of: account, after: nil, limit: 5) },
            Question("campaigns") { _ = try $0.campaigns.list(of: nil, after: nil, limit: 5) },
            Question("campaigns of an account") { _ = try $0.campaigns.list(of: account, after: nil, limit: 5) },
            Question("campaign") { _ = try $0.campaigns.find("campaign-7", of: account) },
            Question("a new campaign") { tx in
                _ = try tx.campaigns.insert(CampaignKey(accountID: account, externalID: "new"), startedAt: tx.now)
            },
            Question("old reports") { _ = try $0.reports.sumUp(olderThan: .seconds(60), limit: 5) },
            Question("system status") { _ = try $0.systemStatus.read() },
            Question("next callback") { _ = try $0.callbacks.nextDue() },
        ]
    }

    private func claims(of account: Int64) -> [Question] {
        let name = DomainName(validated: "shop.example")
        return [
            Question("claims on a name") { _ = try $0.domains.listClaims(on: name) },
            Question("history of a name") { _ = try $0.domains.history(of: name, withoutAccount: account) },
            Question("unproven domains of an account") { _ = try $0.domains.hasUnproven(atLeast: 50, of: account) },
            Question("a domain that was given up") { _ = try $0.domains.findGivenUp(name, by: account) },
            Question("whether a domain was given up") { _ = try $0.domains.wasGivenUp(name, by: account) },
            Question("domains in review") { _ = try $0.domains.listInReview(limit: 5) },
            Question("claims that lapse") { tx in _ = try tx.domains.listLapsing(claimedBefore: tx.now, limit: 5) },
            Question("identities to delete") { _ = try $0.domains.listLeftOverIdentities(limit: 5) },
            Question("senders of a domain") { _ = try $0.senders.fail(in: name, of: account) },
        ]
    }

    private func attachments(of id: EmailID, in tx: Transaction) throws {
        guard var email = try tx.emails.find(id) else { return }
        email.content.attachments = [Attachment(filename: "a", contentType: "text/plain", size: 1)]
        #expect(try tx.emails.attachments(of: email) == [[1]])
    }

    private func reports(of account: Int64) -> [Question] {
        let subjects: [ReportSubject] = [
            .all, .domain(DomainName(validated: "shop.example")), .sender(EmailAddress(validated: "news7@shop.example")),
            .campaign("campaign-7"),
            .tag("tag-7"),
        ]
        return subjects.flatMap { subject in
            [account, nil].map { account in
                Question("report of \(subject)") { tx in
                    let end = tx.now.quarterHour.number
                    _ = try tx.reports.counts(of: subject, accountID: account, quarters: end - 96..<end, offset: 0, width: 4)
                }
            }
        }
    }

    private func audits(of account: Int64) -> [Question] {
        let filters: [(name: String, set: @Sendable (inout AuditFilter) -> Void)] = [
            ("none", { _ in }), ("a key", { $0.actor = .one(.key, 7) }), ("keys", { $0.actor = .kind(.key) }),
            ("an action", { $0.action = .one(.keyCreate) }), ("a subject", { $0.action = .subject("key") }),
            ("a target", { $0.target = .key(7) }),
            ("all", { ($0.actor, $0.action, $0.target) = (.one(.key, 7), .one(.keyCreate), .key(7)) }),
        ]
        return filters.flatMap { filter in
            [account, nil].map { account in
                Question("audit log by \(filter.name)") { tx in
                    var wanted = AuditFilter()
                    filter.set(&wanted)
                    _ = try tx.audit.list(matching: wanted, of: account, after: nil, limit: 10)
                }
            }
        } + [Question("retention of the audit log") { _ = try $0.audit.delete(before: $0.now, limit: 10) }]
    }

    private func searches(of account: Int64) -> [Question] {
        let filters: [(name: String, set: @Sendable (inout EmailFilter) -> Void)] = [
            ("none", { _ in }), ("recipient", { $0.recipient = EmailAddress(validated: "r7@customer.example") }),
            ("sender", { $0.sender = EmailAddress(validated: "news7@shop.example") }), ("status", { $0.status = .bouncedPermanent }),
            ("delivered", { $0.status = .delivered }), ("queued", { $0.status = .queued }), ("external", { $0.externalID = "campaign-7" }),
            ("client", { $0.clientID = "client-7" }), ("domain", { $0.recipientDomain = DomainName(validated: "customer.example") }),
            ("tag", { $0.tag = "tag-7" }),
        ]
        var questions: [Question] = []
        for filter in filters {
            for account in [account, nil] {
                let question = Question("search by \(filter.name)") { tx in
                    var wanted = EmailFilter()
                    filter.set(&wanted)
                    _ = try tx.emails.page(matching: wanted, of: account, after: nil, limit: 10).emails
                }
                questions.append(question)
            }
        }
        return questions
    }

    @Test(.enabled(if: TestEngine.chosen == .postgres, "SQLite has no partitions"))
    func `an id or a time says which partition`() async throws {
        try await withFilledStore { filled in
            let id = filled.emails[1][7]
            let month = id.time.day.month
            var filter = EmailFilter()
            filter.since = month.start
            filter.until = month.next.start
            let search = filter
            let account = filled.accountID
            let questions: [Question] = [
                Question("email") { _ = try $0.emails.find(id) },
                Question("attachments") { try attachments(of: id, in: $0) },
                Question("timeline") { tx in _ = try tx.emails.find(id).map { try tx.timeline.list(of: $0) } },
                Question("lock") { try $0.prepare(for: [.email(id)]) },
                Question("event") { try $0.emails.recordEvent(on: id, TimelineEntry(.open, at: id.time), status: .open, settles: false) },
                Question("search") { _ = try $0.emails.page(matching: search, of: account, after: nil, limit: 10).emails },
            ]
            let own = month.description.replacing("-", with: "_")
            for question in questions {
                // Callbacks of an email may be enqueued months later.
                for plan in try await plans(in: filled.store, question.body) where !plan.sql.contains("callback_deliveries") {
                    let strangers = plan.lines.filter { $0.contains(/Scan.* on .*(_20\d\d_\d\d|_rest)/) && !$0.contains("_\(own)") }
                    #expect(strangers.isEmpty, "\(question.name): \(plan.sql)\n\(plan.lines.joined(separator: "\n"))")
                    #expect(
                        plan.lines.contains { $0.contains("_\(own)") } || !plan.sql.contains("emails"), "\(question.name): \(plan.lines)")
                }
            }
        }
    }
}
