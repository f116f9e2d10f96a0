import MailModel
import MetricsTestKit
import Sending
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SubmissionTests {
    private func submission(_ store: Store) -> Submission {
        Submission(store: store, gate: Gate())
    }

    private func request(_ change: (inout EmailRequest) -> Void = { _ in }) -> EmailRequest {
        var request = EmailRequest(to: "reader@example.org", from: "news@shop.example", text: "hello", subject: "Hi")
        change(&request)
        return request
    }

    private func client(of domain: SendingDomain, in store: Store) async throws -> Principal {
        let account = try #require(try await store.read { try $0.accounts.find(domain.accountID) })
        return .client(APIKey(id: 1, account: account, name: "crew", scopes: [.send], expiresAt: nil, createdAt: store.now))
    }

    @Test func `an accepted email is queued and counted`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            let acceptance = try await submission(store).accept(
                request {
                    $0.externalID = "campaign"
                    $0.alias = "Reader"
                    $0.callbacks = ["https://hooks.example/a?b=c"]
                    $0.tags = ["a", "b"]
                    $0.headers = [.init(name: "X-Campaign", value: "7")]
                    $0.replyTo = ["desk@shop.example"]
                }, by: client(of: domain, in: store))
            let stored = try await store.read { try $0.emails.find(acceptance.email.id) }
            #expect(stored == acceptance.email)
            #expect(stored?.status == .queued)
            #expect(stored?.operatorName == "crew")
            #expect(stored?.userName == "acme")
            let counters = try await store.read { try $0.domains.find(named: domain.name)?.counters }
            #expect(counters?.sentToday == 1)
            #expect(counters?.sentThisMonth == 1)
            #expect(try await store.read { try $0.queue.nextDue() } != nil)
        }
    }

    @Test func `accepted and refused requests are counted in metrics`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            try await store.write { tx in
                try tx.suppressions.insert(
                    EmailAddress(validated: "gone@example.org"), accountID: domain.accountID, reason: .manual, note: nil)
            }
            let metrics = TestMetrics()
            let submission = Submission(store: store, gate: Gate(), metrics: metrics)
            // The second request repeats the first: it is not counted.
            for _ in 0..<2 { _ = try await submission.accept(request { $0.idempotencyKey = "k" }, by: .master) }
            let requests = [
                request(), request { $0.to = "gone@example.org" }, request { $0.to = "nobody" }, request { $0.from = "a@b.example" },
            ]
            #expect(await submission.accept(requests, by: .master).count == 4)
            let counts = [
                ("martlet_emails_accepted_total", "status", "queued", 2), ("martlet_emails_accepted_total", "status", "blacklisted", 1),
                ("martlet_emails_refused_total", "reason", "invalid", 1), ("martlet_emails_refused_total", "reason", "bad_from", 1),
                ("martlet_emails_refused_total", "reason", "quota", 0),
            ]
            for (name, label, value, count) in counts {
                #expect(try metrics.expectCounter(name, [(label, value)]).totalValue == Int64(count), "\(value)")
            }
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var name: String
        var kind: Refusal.Kind
        var configure: @Sendable (inout SendingDomain) -> Void = { _ in }
        var change: @Sendable (inout EmailRequest) -> Void = { _ in }
        var testDescription: String { name }
    }

    static let refused: [Refused] = [
        Refused(name: "not verified", kind: .badFrom, configure: { $0.verification = SESVerification() }),
        Refused(name: "unknown domain", kind: .badFrom, change: { $0.from = "a@nowhere.example" }),
        Refused(name: "suspended", kind: .blocked, configure: { $0.outbound.status = .suspended }),
        Refused(
            name: "daily limit", kind: .quota,
            configure: {
                $0.outbound.dailyLimit = 1; $0.counters.sentToday = 1
            }),
        Refused(
            name: "monthly limit", kind: .quota,
            configure: {
                $0.outbound.monthlyLimit = 1; $0.counters.sentThisMonth = 1
            }),
        Refused(name: "no address", kind: .invalid, change: { $0.to = "nobody" }),
        Refused(name: "two addresses", kind: .invalid, change: { $0.to = "a@example.org, b@example.org" }),
        Refused(name: "line break in subject", kind: .invalid, change: { $0.subject = "a\r\nBcc: all@example.org" }),
        Refused(name: "line break in alias", kind: .invalid, change: { $0.alias = "a\nb" }),
        Refused(name: "NUL in text", kind: .invalid, change: { $0.text = "a\u{0}b" }),
        Refused(name: "callback without scheme", kind: .invalid, change: { $0.callbacks = ["hooks.example/a"] }),
        Refused(name: "callback by file", kind: .invalid, change: { $0.callbacks = ["file:///etc/passwd"] }),
        Refused(name: "callback without host", kind: .invalid, change: { $0.callbacks = ["https:///a"] }),
        Refused(name: "too many callbacks", kind: .invalid, change: { $0.callbacks = Array(repeating: "https://a.example", count: 11) }),
        Refused(name: "long subject", kind: .invalid, change: { $0.subject = String(repeating: "x", count: 999) }),
        Refused(name: "structural header", kind: .invalid, change: { $0.headers = [.init(name: "Bcc", value: "a@example.org")] }),
        Refused(name: "reply to nobody", kind: .invalid, change: { $0.replyTo = ["nobody"] }),
    ]

    @Test(arguments: refused) func `a refusal stores and counts nothing`(_ refused: Refused) async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example", configure: refused.configure)
            let principal = try await client(of: domain, in: store)
            let error = await #expect(throws: Refusal.self) {
                try await submission(store).accept(request(refused.change), by: principal)
            }
            #expect(error?.kind == refused.kind)
            #expect(error?.explanation.isEmpty == false)
            #expect((error?.retryAfter != nil) == (refused.kind == .quota))
            let after = try await store.read { try $0.domains.find(named: domain.name) }
            #expect(after == domain)
            #expect(try await store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 10).emails }.isEmpty)
        }
    }

    @Test func `a domain of another account is refused like an unknown one`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example", account: "other")
            let own = try await store.makeDomain("own.example", account: "acme")
            let principal = try await client(of: own, in: store)
            let error = await #expect(throws: Refusal.self) { try await submission(store).accept(request(), by: principal) }
            #expect(error?.emailStatus == .badFrom)
        }
    }

    @Test func `a verified address needs no domain`() async throws {
        try await withStore { store in
            let own = try await store.makeDomain("own.example", account: "acme")
            let principal = try await client(of: own, in: store)
            try await TestSender("ann@mail.example", accountID: own.accountID).insert(into: store)
            let email = try await submission(store).accept(request { $0.from = "ann@mail.example" }, by: principal).email
            #expect(email.domainID == nil)
            #expect(try await store.read { try $0.emails.find(email.id) } == email)
            #expect(
                try await submission(store).accept(request { $0.from = "ann@mail.example" }, by: .master).email.accountID == own.accountID)
            #expect(try await store.write { try TestClaim().run(in: $0) }.count == 2)
            for from in ["bob@mail.example", "Ann@mail.example"] {
                await #expect(throws: Refusal.self) {
                    try await submission(store).accept(request { $0.from = from }, by: principal)
                }
            }
        }
    }

    @Test(arguments: Sender.Status.allCases) func `only a verified sender may send`(_ status: Sender.Status) async throws {
        try await withStore { store in
            let own = try await store.makeDomain("own.example", account: "acme")
            let principal = try await client(of: own, in: store)
            try await TestSender("ann@mail.example", accountID: own.accountID, status: status).insert(into: store)
            let outcome = await Result { () async throws in
                try await submission(store).accept(request { $0.from = "ann@mail.example" }, by: principal)
            }
            #expect(((try? outcome.get()) != nil) == (status == .verified))
        }
    }

    @Test func `a verified address counts on its unverified domain`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example", isVerified: false) { $0.outbound.dailyLimit = 1 }
            let principal = try await client(of: domain, in: store)
            try await TestSender("news@shop.example", accountID: domain.accountID).insert(into: store)
            #expect(try await submission(store).accept(request(), by: principal).email.domainID == domain.id)
            let error = await #expect(throws: Refusal.self) { try await submission(store).accept(request(), by: principal) }
            #expect(error?.kind == .quota)
        }
    }

    /// A verified domain of another account takes precedence over a verified address; an unverified one does not.
    @Test(arguments: [true, false]) func `a verified address of another account's domain`(isVerified: Bool) async throws {
        try await withStore { store in
            let own = try await store.makeDomain("own.example", account: "acme")
            let principal = try await client(of: own, in: store)
            let other = try await store.makeDomain("shop.example", account: "other", isVerified: isVerified)
            try await TestSender("news@shop.example", accountID: own.accountID).insert(into: store)
            let outcome = await Result { () async throws in try await submission(store).accept(request(), by: principal) }
            switch outcome {
            case .success(let acceptance): #expect(!isVerified && acceptance.email.domainID == nil)
            case .failure(let error): #expect(isVerified && (error as? Refusal)?.emailStatus == .badFrom)
            }
            #expect(try await store.read { try $0.domains.find(named: other.name) }?.counters.sentToday == 0)
        }
    }

    @Test func `a soft limit accepts with a note`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example") { domain in
                domain.outbound.enforcement = .soft
                domain.outbound.status = .suspended
            }
            let acceptance = try await submission(store).accept(request(), by: .master)
            #expect(acceptance.email.status == .queued)
            #expect(acceptance.note == "outbound_suspended_soft")
        }
    }

    @Test func `an email to a suppressed recipient is stored and not counted`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain(
                "shop.example",
                configure: {
                    $0.outbound.dailyLimit = 1; $0.counters.sentToday = 1
                })
            let address = EmailAddress(validated: "Reader@example.org")
            try await store.write { try $0.suppressions.insert(address, accountID: domain.accountID, reason: .hardBounce, note: nil) }
            let acceptance = try await submission(store).accept(request(), by: .master)
            #expect(acceptance.email.status == .blacklisted)
            #expect(try await store.read { try $0.queue.nextDue() } == nil)
            #expect(try await store.read { try $0.domains.find(named: domain.name) }?.counters.sentToday == 1)
            #expect(try await store.read { try $0.timeline.list(of: acceptance.email) }.map(\.status) == ["BLACKLISTED"])
        }
    }

    @Test func `an idempotency key sends once`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let submission = submission(store)
            let keyed = request {
                $0.idempotencyKey = "k"; $0.fingerprint = [1]
            }
            let ids = try await withThrowingTaskGroup(of: EmailID.self) { group in
                for _ in 0..<20 { group.addTask { try await submission.accept(keyed, by: .master).email.id } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await store.read { try $0.domains.find(named: domain.name) }?.counters.sentToday == 1)
            let other = request {
                $0.idempotencyKey = "k"; $0.fingerprint = [2]
            }
            let error = await #expect(throws: Refusal.self) { try await submission.accept(other, by: .master) }
            #expect(error?.kind == .conflict)
            clock.advance(by: .seconds(24 * 3600 + 1))
            let later = try await submission.accept(other, by: .master).email.id
            #expect(!ids.contains(later))
        }
    }

    @Test(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"))
    func `two nodes do not use an idempotency key twice`() async throws {
        try await withNodes(2) { nodes in
            let domains = [try await nodes[0].makeDomain("one.example"), try await nodes[0].makeDomain("two.example")]
            for round in 0..<20 {
                let accepted = await withTaskGroup(of: Bool.self) { group in
                    for number in 0...1 {
                        let request = request {
                            $0.from = "news@\(domains[number].name)"
                            ($0.idempotencyKey, $0.fingerprint) = ("key\(round)", [UInt8(number)])
                        }
                        group.addTask { (try? await submission(nodes[number]).accept(request, by: .master)) != nil }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(accepted == 1)
            }
            let sent = try await nodes[0].read { tx in
                try domains.map { try tx.domains.find(named: $0.name)?.counters.sentToday ?? 0 }.reduce(0, +)
            }
            #expect(sent == 20)
        }
    }

    @Test func `a refusal does not use up its idempotency key`() async throws {
        try await withStore { store in
            let name = try await store.makeDomain("shop.example", configure: { $0.outbound.status = .suspended }).name
            let submission = submission(store)
            let keyed = request {
                $0.idempotencyKey = "k"; $0.fingerprint = [1]
            }
            await #expect(throws: Refusal.self) { try await submission.accept(keyed, by: .master) }
            try await store.write { tx in
                guard var domain = try tx.domains.find(named: name) else { return }
                domain.reactivate()
                tx.domains.update(domain)
            }
            #expect(try await submission.accept(keyed, by: .master).email.status == .queued)
        }
    }
}

/// A sender address of an account.
struct TestSender: Sendable {
    private let address: EmailAddress
    private let accountID: Int64
    private let status: Sender.Status

    init(_ address: String, accountID: Int64, status: Sender.Status = .verified) {
        self.address = EmailAddress(validated: address)
        self.accountID = accountID
        self.status = status
    }

    func insert(into store: Store) async throws {
        try await store.write { tx in
            guard var sender = try tx.senders.insert(address, accountID: accountID) else { return }
            sender.status = status
            try tx.senders.update(sender)
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
