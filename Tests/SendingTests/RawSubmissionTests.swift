import MailModel
import Storage
import TestSupport
import Testing

@testable import Sending

@Suite(.timeLimit(.minutes(1)))
struct RawSubmissionTests {
    private func submission(_ store: Store) -> Submission { Submission(store: store, gate: Gate()) }

    private func raw(
        to recipients: [String] = ["reader@example.org"], from: String = "News <news@shop.example>", fields: String = "",
        body: String = "hello\r\n",
        _ change: (inout RawSubmission) -> Void = { _ in }
    ) -> RawSubmission {
        let text = "From: \(from)\r\nTo: reader@example.org\r\nSubject: Hi\r\n\(fields)\r\n\(body)"
        var raw = RawSubmission(to: recipients, message: Array(text.utf8))
        change(&raw)
        return raw
    }

    private func client(_ store: Store, id: Int64 = 1) async throws -> Principal {
        let domain = try #require(try await store.read { try $0.domains.find(named: DomainName("shop.example")) })
        let account = try #require(try await store.read { try $0.accounts.find(domain.accountID) })
        return .client(APIKey(id: id, account: account, name: "crew", scopes: [.send], expiresAt: nil, createdAt: store.now))
    }

    private func messages(_ store: Store, hasPublicURL: Bool = true) -> MessageSource {
        let links = UnsubscribeLinks(secret: [1], base: "http://127.0.0.1")
        return MessageSource(store: store, composer: MessageComposer(links: links, hasPublicURL: hasPublicURL))
    }

    private func source(of email: Email, _ store: Store, hasPublicURL: Bool = true) async throws -> String {
        let stored = try #require(try await store.read { try $0.emails.find(email.id) })
        return try await messages(store, hasPublicURL: hasPublicURL).withMessage(of: stored) { String(decoding: $0, as: UTF8.self) }
    }

    private func sent(_ store: Store) async throws -> Int64? {
        try await store.read { try $0.domains.find(named: DomainName("shop.example"))?.counters.sentToday }
    }

    @Test func `a message goes out as it came, with what it lacks`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let acceptance = try await submission(store).accept(
                raw(
                    fields:
                        "Bcc: secret@example.org\r\nReturn-Path: <x@y.example>\r\nX-Martlet-Id: forged\r\nX-SES-CONFIGURATION-SET: other\r\nX-SMTPAPI: {}\r\nX-Martlet-External-Id: summer\r\nX-Martlet-Client-Id: 7\r\nX-Martlet-Tags: a, b,c\r\nX-Martlet-Callbacks: https://hooks.example/a\r\nX-Martlet-Category: marketing\r\nX-Keep: 1\r\n",
                    body: "..dots\r\n.\r\n\r\nend"), by: client(store))
            let email = acceptance.email
            #expect(email.externalID == "summer" && email.clientID == "7" && email.content.tags == ["a", "b", "c"])
            #expect(email.content.callbacks == ["https://hooks.example/a"] && email.content.category == .marketing)
            #expect(email.content.subject == "Hi" && email.content.fromName == "News" && email.sender.description == "news@shop.example")
            #expect(try await store.read { try $0.emails.find(email.id) } == email)
            let message = try await source(of: email, store)
            let fields = message.split(separator: "\r\n").map { $0.split(separator: ":")[0] }.prefix(9)
            #expect(
                fields == [
                    "X-Martlet-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Date", "Message-ID", "From", "To", "Subject", "X-Keep",
                ])
            #expect(message.contains("X-Martlet-Id: \(email.id)\r\n") && message.contains("Message-ID: <\(email.id)@shop.example>\r\n"))
            #expect(message.hasSuffix("X-Keep: 1\r\n\r\n..dots\r\n.\r\n\r\nend\r\n"))
        }
    }

    private static let unsubscribes: [(fields: String, hasPublicURL: Bool, added: Bool)] = [
        ("", true, true), ("", false, false), ("X-Martlet-Category: transactional\r\n", true, false),
        ("List-Unsubscribe: <mailto:u@shop.example>\r\n", true, false),
        ("X-Martlet-Category: marketing\r\nList-Unsubscribe: <mailto:u@shop.example>\r\n", true, false),
    ]

    @Test(arguments: unsubscribes)
    func `unsubscribe fields are added where policy asks and the message has none`(_ row: (fields: String, hasPublicURL: Bool, added: Bool))
        async throws
    {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let email = try await submission(store).accept(raw(fields: row.fields), by: .master).email
            let message = try await source(of: email, store, hasPublicURL: row.hasPublicURL)
            #expect(message.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click") == row.added)
        }
    }

    @Test func `recipients share one message and are counted each`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            try await store.write { tx in
                let account = try #require(try tx.domains.find(named: DomainName("shop.example"))).accountID
                _ = try tx.suppressions.insert(
                    EmailAddress(validated: "gone@example.org"), accountID: account, reason: .manual, note: nil)
            }
            let recipients = ["reader@example.org", "hidden@example.org", "READER@example.org", "gone@example.org"]
            let acceptance = try await submission(store).accept(
                raw(to: recipients, fields: "Cc: gone@example.org\r\n"), by: client(store))
            let copies = acceptance.email.content.recipients?.copies ?? []
            #expect(copies.map(\.address.description) == ["hidden@example.org", "gone@example.org"])
            #expect(copies.map(\.kind) == [.bcc, .cc])
            #expect(acceptance.copies.values.sorted { $0.rawValue < $1.rawValue } == [.blacklisted, .queued])
            #expect(try await sent(store) == 2)
            let hidden = try #require(try await store.read { try $0.emails.find(copies[0].id) })
            let message = try await source(of: hidden, store)
            #expect(message.contains("X-Martlet-Id: \(hidden.id)\r\n") && message.hasSuffix("\r\n\r\nhello\r\n"))
        }
    }

    private static let refusals: [(fields: String, from: String, kind: Refusal.Kind, words: String)] = [
        ("", "a@other.example", .badFrom, "other.example is not a domain of this account"),
        ("", "a@shop.example, b@shop.example", .badFrom, "expected one mailbox in the header's From, found 2"),
        ("From: b@shop.example\r\n", "a@shop.example", .badFrom, "expected one From field in the header, found 2"),
        ("", "ceo@bank.example <a@shop.example>", .badFrom, "the header's From cannot be read"),
        ("", "", .badFrom, "expected one mailbox in the header's From, found 0"),
        ("Sender: b@other.example\r\n", "a@shop.example", .badFrom, "the header's Sender, other.example, is not a domain of this account"),
        ("X-Martlet-Category: gossip\r\n", "a@shop.example", .invalid, "expected transactional or marketing"),
        ("X-Martlet-Callbacks: ftp://a\r\n", "a@shop.example", .invalid, "X-Martlet-Callbacks[0]"),
        (String(repeating: "Received: by x\r\n", count: 101), "a@shop.example", .invalid, "the message goes round in circles"),
    ]

    @Test(arguments: refusals)
    func `what is not allowed is refused, and nothing is stored`(_ row: (fields: String, from: String, kind: Refusal.Kind, words: String))
        async throws
    {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let refusal = await #expect(throws: Refusal.self) {
                try await submission(store).accept(raw(from: row.from, fields: row.fields), by: client(store))
            }
            #expect(refusal?.kind == row.kind && refusal?.description.contains(row.words) == true, "\(refusal.debugDescription)")
            #expect(try await sent(store) == 0)
        }
    }

    @Test func `a refused message is among the refusals`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let (submission, client) = (submission(store), try await client(store))
            _ = try? await submission.accept(raw(from: "a@other.example"), by: client)
            let found = try await submission.refusals.list(by: client, after: nil, limit: 10).map(\.refusal)
            #expect(found.map(\.sender) == ["a@other.example"] && found.map(\.recipient) == ["reader@example.org"])
        }
    }

    @Test func `sizes and recipients are bounded`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            var limits = SubmissionLimits()
            limits.messageBytes = 10_000
            let submission = Submission(store: store, gate: Gate(), limits: limits)
            let line = String(repeating: "x", count: 78) + "\r\n"
            let tooLarge = await #expect(throws: Refusal.self) {
                try await submission.accept(raw(body: String(repeating: line, count: 120)), by: .master)
            }
            #expect(tooLarge?.kind == .tooLarge)
            // It is not encoded once more: in base64 it would have 10,600 bytes.
            let large = try await submission.accept(raw(body: String(repeating: line, count: 95)), by: .master)
            #expect(large.email.content.attachments.first.map { $0.size > 7_600 } == true)
            let many = (0...1_000).map { "r\($0)@example.org" }
            let tooMany = await #expect(throws: Refusal.self) { try await submission.accept(raw(to: many), by: .master) }
            #expect(tooMany?.description.contains("expected 1 to 1000 recipients, found 1001") == true)
        }
    }

    @Test func `recipients may stand in the header, and the sender beside it`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let acceptance = try await submission(store).accept(
                raw(to: [], from: "x@elsewhere.example", fields: "Bcc: b@example.org\r\n") { $0.from = "Shop <shop@shop.example>" },
                by: .master)
            #expect(acceptance.email.sender.description == "shop@shop.example")
            #expect(acceptance.email.content.recipients?.addresses(.bcc).map(\.description) == ["b@example.org"])
            let message = try await source(of: acceptance.email, store)
            #expect(
                message.contains("From: Shop <shop@shop.example>\r\n") && !message.contains("elsewhere")
                    && !message.contains("b@example.org"))
        }
    }

    @Test func `a repetition is answered and not sent again, for each recipient and key`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let submission = submission(store)
            func accept(_ recipients: [String], id: String = "<1@x>", key: Int64 = 1, window: Duration = .seconds(600)) async throws
                -> Submission.Acceptance
            {
                try await submission.accept(
                    raw(to: recipients, fields: "Message-ID: \(id)\r\n") { $0.repetitionWindow = window }, by: client(store, id: key))
            }
            let first = try await accept(["a@example.org", "b@example.org"]).email
            #expect(try await accept(["a@example.org", "b@example.org"]).email.id == first.id)
            #expect(try await accept(["a@example.org"]).email.id == first.id)
            #expect(try await sent(store) == 2)
            // One more recipient: it alone is sent the message.
            let more = try await accept(["a@example.org", "c@example.org", "d@example.org"]).email
            #expect(more.recipient.description == "c@example.org")
            #expect(more.content.recipients?.copies.map(\.address.description) == ["d@example.org"])
            #expect(try await sent(store) == 4)
            _ = try await accept(["a@example.org"], key: 2)
            _ = try await accept(["a@example.org"], id: "<2@x>")
            _ = try await accept(["a@example.org"], window: .zero)
            #expect(try await sent(store) == 7)
        }
    }

    @Test func `a refused message is no repetition`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example") { $0.outbound.dailyLimit = 1 }
            let submission = submission(store)
            let message = raw(fields: "Message-ID: <1@x>\r\n") { $0.repetitionWindow = .seconds(600) }
            _ = try await submission.accept(raw(), by: .master)
            let refusal = await #expect(throws: Refusal.self) { try await submission.accept(message, by: .master) }
            #expect(refusal?.kind == .quota)
            try await store.write { tx in
                var domain = try #require(try tx.domains.find(named: DomainName("shop.example")))
                domain.outbound.dailyLimit = 2
                tx.domains.update(domain)
            }
            _ = try await submission.accept(message, by: .master)
            #expect(try await sent(store) == 2)
        }
    }

    @Test func `an idempotency key in the header answers the first result`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let fields = "X-Martlet-Idempotency-Key: k\r\n"
            let first = try await submission(store).accept(raw(fields: fields), by: .master)
            #expect(try await submission(store).accept(raw(fields: fields), by: .master).email.id == first.email.id)
            let conflict = await #expect(throws: Refusal.self) {
                try await submission(store).accept(raw(fields: fields, body: "other\r\n"), by: .master)
            }
            #expect(conflict?.code == .idempotencyConflict)
            #expect(try await sent(store) == 1)
        }
    }

    @Test func `people see the texts and files of a message`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let type = "Content-Type: multipart/mixed; boundary=x\r\n"
            let body =
                "--x\r\nContent-Type: text/html\r\n\r\n<p>Hello <script>x</script></p>\r\n--x\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n1234\r\n--x--\r\n"
            let email = try await submission(store).accept(raw(fields: type, body: body), by: .master).email
            let links = UnsubscribeLinks(secret: [1], base: "http://127.0.0.1")
            let mask = LinkMask(unsubscribe: links, subscription: SubscriptionLinks(secret: [1], base: "http://127.0.0.1"))
            let emails = SentEmails(store: store, messages: messages(store), mask: mask, masterSeesLinks: false)
            let found = try #require(try await emails.email(email.id, by: .master)?.email)
            #expect(found.content.attachments.map(\.filename) == ["a.txt"])
            #expect(emails.preview(of: found, by: .master).html?.contains("script") == false)
            #expect(found.content.text.contains("<p>Hello"))
            let source = try #require(try await emails.source(of: email.id, by: .master))
            #expect(String(decoding: source, as: UTF8.self).contains("List-Unsubscribe: <http://127.0.0.1/u/hidden>"))
        }
    }
}
