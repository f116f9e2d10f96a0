import Concurrency
import MailModel
import Storage
import TestSupport
import Testing

@testable import Sending

@Suite(.timeLimit(.minutes(1)))
struct TemplateTests {
    private let clock = TestClock()

    private func withAccount(
        limits: SubmissionLimits = SubmissionLimits(), _ body: (Store, Submission, TemplateService, Account) async throws -> Void
    ) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let account = try #require(try await store.read { try $0.accounts.find(domain.accountID) })
            try await body(store, Submission(store: store, gate: Gate(), limits: limits), TemplateService(store: store), account)
        }
    }

    private func request(
        _ text: String = "", subject: String = "", html: String? = nil, template: String? = nil, _ variables: [String: String]? = nil
    ) -> EmailRequest {
        var request = EmailRequest(to: "reader@example.org", from: "news@shop.example", text: text, subject: subject)
        request.html = html
        request.template = template
        request.variables = variables
        return request
    }

    private func texts(_ text: String, subject: String = "S", html: String? = nil) -> TemplateService.Texts {
        TemplateService.Texts(subject: subject, text: text, html: html)
    }

    struct Filled: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var html: String?
        var value = #"<b>"A" & 'B'</b>"#
        var expected: String
        var expectedHTML: String?
        var isPlain = false
    }

    static let filled = [
        Filled(testDescription: "plain", text: "Hi {{x}}", value: "Ann", expected: "Hi Ann"),
        Filled(testDescription: "a tag in plain text", text: "Hi {{x}}", expected: #"Hi <b>"A" & 'B'</b>"#, isPlain: true),
        Filled(
            testDescription: "text that is HTML", text: "<p title='{{x}}'>{{x}}</p>",
            expected: "<p title='&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;'>&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;</p>"
        ),
        Filled(
            testDescription: "both", text: "{{x}}", html: "<i>{{x}}</i>", value: "a<br>b", expected: "a<br>b",
            expectedHTML: "<i>a&lt;br&gt;b</i>"),
    ]

    @Test(arguments: filled) func `values of variables are text`(_ one: Filled) async throws {
        try await withAccount { store, submission, _, _ async throws in
            let email = try await submission.accept(request(one.text, subject: "{{x}}!", html: one.html, ["x": one.value]), by: .master)
                .email
            #expect(email.content.text == one.expected && email.content.html == one.expectedHTML)
            #expect(email.content.subject == one.value + "!" && email.content.isPlainText == one.isPlain)
            #expect(try await store.read { try $0.emails.find(email.id) } == email)
            let composer = MessageComposer(links: UnsubscribeLinks(secret: [1], base: "http://127.0.0.1"), hasPublicURL: false)
            #expect((composer.preview(of: email).html == nil) == (one.text == "Hi {{x}}"))
        }
    }

    @Test func `without variables braces stay as they are`() async throws {
        try await withAccount { _, submission, _, _ async throws in
            let email = try await submission.accept(request("{{x}} {{", subject: #"\{{"#), by: .master).email
            #expect(email.content.text == "{{x}} {{" && email.content.subject == #"\{{"#)
        }
    }

    @Test func `a template replaces the texts of the request`() async throws {
        try await withAccount { store, submission, templates, account in
            _ = try await templates.create("welcome", texts("<p>{{name}}</p>", subject: "Hi {{name}}", html: nil), of: account, by: .master)
            let email = try await submission.accept(request(template: "welcome", ["name": "A<B", "other": "x"]), by: .master).email
            #expect(email.content.subject == "Hi A<B" && email.content.text == "<p>A&lt;B</p>")
            _ = try await templates.replace("welcome", texts("other"), of: account, by: .master)
            #expect(try await store.read { try $0.emails.find(email.id) }?.content.text == "<p>A&lt;B</p>")
            #expect(try await submission.accept(request(template: "welcome"), by: .master).email.content.text == "other")
        }
    }

    @Test func `a missing variable ends as INCOMPLETE`() async throws {
        try await withAccount { store, submission, templates, account in
            _ = try await templates.create("t", texts("{{a}} {{b}}", subject: "{{c}}", html: "<p>{{d}}"), of: account, by: .master)
            let acceptance = try await submission.accept(request(template: "t", ["b": "B"]), by: .master)
            #expect(acceptance.email.status == .incomplete)
            #expect(acceptance.note == "There is no value for c, a, d: the email is kept for reports and not sent")
            #expect(acceptance.email.content.text == "{{a}} B" && acceptance.email.content.subject == "{{c}}")
            #expect(try await store.read { try $0.queue.nextDue() } == nil)
            let stored = try #require(try await store.read { try $0.emails.find(acceptance.email.id) })
            let timeline = try await store.read { try $0.timeline.list(of: stored) }
            #expect(timeline.map(\.status) == ["INCOMPLETE"] && timeline[0].explanation == "There is no value for c, a, d")
            #expect(try await store.read { try $0.domains.find(named: DomainName(validated: "shop.example")) }?.counters.sentToday == 0)
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var request: EmailRequest
        var field: String
        var kind = Refusal.Kind.invalid

        init(_ name: String, _ field: String, _ kind: Refusal.Kind = .invalid, _ change: (inout EmailRequest) -> Void) {
            testDescription = name
            self.field = field
            self.kind = kind
            request = EmailRequest(to: "reader@example.org", from: "news@shop.example", text: "t", subject: "s")
            change(&request)
        }
    }

    static let refused = [
        Refused("unknown template", "template") { $0.template = "absent" },
        Refused("invalid template name", "template") { $0.template = "a\r\nb" },
        Refused("invalid placeholder", "text") { ($0.text, $0.variables) = ("{{x", [:]) },
        Refused("invalid placeholder in the subject", "subject") { ($0.subject, $0.variables) = ("{{}}", [:]) },
        Refused("invalid placeholder in the HTML", "html") { ($0.html, $0.variables) = ("{{{x}}}", [:]) },
        Refused("line break in the subject", "variables.x") { ($0.subject, $0.variables) = ("{{x}}", ["x": "a\r\nBcc: b@example.org"]) },
        Refused("NUL in the text", "text") { ($0.text, $0.variables) = ("{{x}}", ["x": "\0"]) },
        Refused("invalid variable name", "variables") { $0.variables = ["first name": "x"] },
        Refused("empty variable name", "variables") { $0.variables = ["": "x"] },
        Refused("long value", "variables.x") { $0.variables = ["x": String(repeating: "x", count: 65_537)] },
        Refused("too many variables", "variables") { request in
            request.variables = Dictionary(uniqueKeysWithValues: (0...100).map { ("v\($0)", "") })
        },
        Refused("long subject", "subject") { ($0.subject, $0.variables) = ("{{x}}", ["x": String(repeating: "x", count: 999)]) },
        Refused("too large with its values", "variables", .tooLarge) { request in
            request.text = String(repeating: "{{x}}", count: 100_000)
            request.variables = ["x": String(repeating: "<", count: 65_536)]
        },
    ]

    @Test(arguments: refused) func `a refusal stores and counts nothing`(_ refused: Refused) async throws {
        try await withAccount { store, submission, _, _ async throws in
            let error = await #expect(throws: Refusal.self) { try await submission.accept(refused.request, by: .master) }
            #expect(error?.kind == refused.kind && error?.field == refused.field)
            #expect(try await store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 1).emails }.isEmpty)
        }
    }

    private static let manyNames = (0...100).map { "{{v\($0)}}" }.joined()

    @Test func `texts have at most 100 variables`() async throws {
        try await withAccount { _, submission, templates, account in
            let error = await #expect(throws: Refusal.self) {
                try await templates.create("t", texts(Self.manyNames), of: account, by: .master)
            }
            #expect(error?.field == "variables")
            await #expect(throws: Refusal.self) { try await submission.accept(request(Self.manyNames, subject: "s", [:]), by: .master) }
            _ = try await templates.create("t", texts(String(Self.manyNames.dropLast(8))), of: account, by: .master)
        }
    }

    /// The bytes of the texts that each email of a batch gets; `nil` for a refused one.
    private func sizes(_ outcomes: [Result<Submission.Acceptance, any Error>]) -> [Int?] {
        outcomes.map { try? $0.get().email.content.text.utf8.count }
    }

    @Test func `the texts of a batch are bounded together, each email on its own`() async throws {
        var limits = SubmissionLimits()
        limits.batchBytes = 250_000
        try await withAccount(limits: limits) { _, submission, templates, account in
            _ = try await templates.create("t", texts(String(repeating: "{{x}}", count: 100)), of: account, by: .master)
            let value = String(repeating: "x", count: 1000)
            let filled = request(template: "t", ["x": value])
            let plain = request("plain", subject: "s")
            let outcomes = await submission.accept([filled, filled, filled, plain], by: .master)
            #expect(sizes(outcomes) == [100_000, 100_000, nil, 5])
            let error = #expect(throws: Refusal.self) { try outcomes[2].get() }
            #expect(error?.kind == .tooLarge && error?.field == "variables")
            #expect(sizes(await submission.accept([filled], by: .master)) == [100_000], "each batch has its own bound")
        }
    }

    /// Places with empty values make no text, and cost time all the same.
    @Test func `a template counts at least with its own size`() async throws {
        var limits = SubmissionLimits()
        limits.batchBytes = 2500
        try await withAccount(limits: limits) { _, submission, templates, account in
            _ = try await templates.create("t", texts(String(repeating: "{{x}}", count: 200)), of: account, by: .master)
            let empty = request(template: "t", ["x": ""])
            #expect(sizes(await submission.accept([empty, empty, empty], by: .master)) == [0, nil, nil])
        }
    }

    @Test func `filled texts count for the memory of all requests`() async throws {
        let memory = MemoryBudget(bytes: 400_000)
        try await withStore(clock: clock) { store in
            _ = try await store.makeDomain("shop.example")
            let submission = Submission(store: store, gate: Gate(), memory: memory)
            let filled = request(String(repeating: "{{x}}", count: 100), subject: "s", ["x": String(repeating: "x", count: 1000)])
            do {
                let first = try await submission.accept(filled, by: .master)
                #expect(memory.heldBytes == 100_000)
                let rest = await submission.accept([filled, filled], by: .master)
                #expect(sizes(rest) == [100_000, nil], "the operator has half of all")
                let error = #expect(throws: Refusal.self) { try rest[1].get() }
                #expect(error?.kind == .unavailable && error?.retryAfter == .seconds(1))
                _ = first
            }
            #expect(memory.heldBytes == 0, "given back once the answers are gone")
        }
    }

    @Test func `a long batch is accepted in slices, in its order`() async throws {
        try await withAccount { _, submission, templates, account in
            _ = try await templates.create("t", texts("{{x}}"), of: account, by: .master)
            let requests = (0..<250).map { $0 == 120 ? request(template: "absent") : request(template: "t", ["x": "\($0)"]) }
            let outcomes = await submission.accept(requests, by: .master)
            #expect(outcomes.map { try? $0.get().email.content.text } == (0..<250).map { $0 == 120 ? nil : "\($0)" })
        }
    }

    @Test func `an idempotency key outlives its template`() async throws {
        try await withAccount { _, submission, templates, account in
            _ = try await templates.create("t", texts("x"), of: account, by: .master)
            var request = request(template: "t")
            request.idempotencyKey = "k"
            let first = try await submission.accept(request, by: .master).email
            #expect(try await templates.delete("t", of: account, by: .master))
            #expect(try await submission.accept(request, by: .master).email.id == first.id)
            request.idempotencyKey = "other"
            let late = request
            await #expect(throws: Refusal.self) { try await submission.accept(late, by: .master) }
        }
    }

    @Test func `templates belong to one account`() async throws {
        try await withAccount { store, submission, templates, account in
            let other = try await store.write { try $0.accounts.findOrInsert(reference: "other") }
            _ = try await templates.create("t", texts("theirs"), of: other, by: .master)
            await #expect(throws: Refusal.self) { try await submission.accept(request(template: "t"), by: .master) }
            #expect(try await templates.find("t", of: account) == nil)
            _ = try await templates.create("t", texts("ours"), of: account, by: .master)
            #expect(try await submission.accept(request(template: "t"), by: .master).email.content.text == "ours")
            #expect(try await templates.find("t", of: other)?.text == "theirs")
        }
    }

    @Test func `an account has at most 1000 templates`() async throws {
        try await withAccount { store, _, templates, account in
            try await store.write { tx in
                for number in 0..<1000 {
                    let template = EmailTemplate(
                        name: "t\(number)", subject: "s", text: "t", html: nil, createdAt: tx.now, updatedAt: tx.now)
                    _ = try tx.templates.insert(template, accountID: account.id)
                }
            }
            let error = await #expect(throws: Refusal.self) { try await templates.create("more", texts("x"), of: account, by: .master) }
            #expect(error?.kind == .conflict)
            #expect(try await templates.list(of: account, after: "t998", limit: 10).map(\.name) == ["t999"])
        }
    }
}

/// The effect of the category of an email.
@Suite(.timeLimit(.minutes(1)))
struct CategoryTests {
    private func compose(_ category: EmailCategory?, words: String? = nil, hasPublicURL: Bool) throws -> String {
        var content = EmailContent(subject: "s", text: "t", unsubscribeText: words)
        content.category = category
        let now = TestClock().now
        let email = Email(
            id: EmailID(at: now), accountID: 1, userName: "acme", operatorName: "Ann", domainID: 1,
            sender: try EmailAddress("a@shop.example"),
            recipient: try EmailAddress("b@example.org"), status: .queued, externalID: nil, clientID: nil, createdAt: now, updatedAt: now,
            content: content)
        let composer = MessageComposer(links: UnsubscribeLinks(secret: [1], base: "https://mail.example"), hasPublicURL: hasPublicURL)
        return String(decoding: composer.compose(email, attachments: []), as: UTF8.self)
    }

    @Test(
        arguments: [
            (nil, nil, true, true), (nil, nil, false, false), (nil, "Leave", false, true), (.marketing, nil, true, true),
            (.transactional, nil, true, false), (.transactional, "Leave", true, true), (.transactional, "Leave", false, true),
        ] as [(EmailCategory?, String?, Bool, Bool)])
    func `unsubscribe link and header fields by category`(category: EmailCategory?, words: String?, hasPublicURL: Bool, expected: Bool)
        throws
    {
        let message = try compose(category, words: words, hasPublicURL: hasPublicURL)
        #expect(message.contains("List-Unsubscribe: ") == expected && message.contains("List-Unsubscribe-Post: ") == expected)
        #expect(message.contains("Leave") == (words != nil))
    }

    private static let rows: [(EmailCategory?, SuppressionReason, SuppressionEntry.Scope)] =
        [nil, .transactional, .marketing].flatMap { category in
            SuppressionReason.allCases.flatMap { reason in [.account, .sender].map { (category, reason, $0) } }
        }

    @Test(arguments: rows) func `suppressions that stop an email of a category`(
        category: EmailCategory?, reason: SuppressionReason, scope: SuppressionEntry.Scope
    ) async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            let submission = Submission(store: store, gate: Gate())
            var request = EmailRequest(to: "reader@example.org", from: "news@shop.example", text: "t", subject: "s")
            request.category = category
            request.sendAt = (store.now + .seconds(60)).description
            let before = try await submission.accept(request, by: .master).email
            try await store.write { tx in
                let entry = SuppressionEntry(
                    address: try EmailAddress("reader@example.org"), sender: scope == .sender ? try EmailAddress("news@shop.example") : nil,
                    reason: reason)
                _ = try tx.suppressions.insert(entry, accountID: domain.accountID, source: .api)
            }
            let passes = category == .transactional && reason == .unsubscribe
            let email = try await submission.accept(request, by: .master).email
            #expect(email.status == (passes ? .scheduled : .blacklisted) && email.content.category == category)
            // A scheduled email is checked again when it is due.
            #expect(try await store.read { try $0.suppressions.obstacle(to: before) == nil } == passes)
        }
    }

    /// An unsubscription from all senders must not hide that the address bounces.
    @Test(arguments: SuppressionReason.allCases) func `reasons that replace an unsubscription`(reason: SuppressionReason) async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            let address = try EmailAddress("reader@example.org")
            try await store.write { tx in
                for reason in [SuppressionReason.unsubscribe, reason, .unsubscribe] {
                    try tx.suppressions.insert(address, accountID: domain.accountID, reason: reason, note: nil)
                }
            }
            let kept = try await store.read { try $0.suppressions.find(address, sender: nil, accountID: domain.accountID)?.entry.reason }
            #expect(kept == (reason == .softBounce ? .unsubscribe : reason))
        }
    }

    @Test func `marketing emails need a public URL`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            var limits = SubmissionLimits()
            limits.hasPublicURL = false
            let submission = Submission(store: store, gate: Gate(), limits: limits)
            var request = EmailRequest(to: "reader@example.org", from: "news@shop.example", text: "t", subject: "s")
            request.category = .marketing
            let marketing = request
            let error = await #expect(throws: Refusal.self) { try await submission.accept(marketing, by: .master) }
            #expect(error?.field == "category")
            request.category = .transactional
            _ = try await submission.accept(request, by: .master)
        }
    }
}
