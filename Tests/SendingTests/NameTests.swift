import MIME
import MailModel
import Storage
import TestSupport
import Testing

@testable import Sending

/// Display names of senders and recipients (specification 5.1).
@Suite(.timeLimit(.minutes(1)))
struct NameTests {
    private func request(_ change: (inout EmailRequest) -> Void = { _ in }) -> EmailRequest {
        var request = EmailRequest(to: "reader@example.org", from: "news@shop.example", text: "hello", subject: "Hi")
        change(&request)
        return request
    }

    private func compose(_ email: Email) -> String {
        let composer = MessageComposer(links: UnsubscribeLinks(secret: [1], base: "https://mail.example"), hasPublicURL: true)
        return String(decoding: composer.compose(email, attachments: []), as: UTF8.self)
    }

    @Test func `names of all addresses are stored and sent`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let acceptance = try await Submission(store: store, gate: Gate()).accept(
                request {
                    $0.from = #""Acme, Inc. (News)" <news@shop.example>"#
                    $0.to = "Zoë <reader@example.org>"
                    $0.cc = ["Ann Lee <ann@example.org>", "c@example.org"]
                    $0.bcc = ["Archive <d@example.org>"]
                    $0.replyTo = ["desk@shop.example", "Desk <desk2@shop.example>"]
                }, by: .master)
            let id = acceptance.email.id
            let stored = try #require(try await store.read { try $0.emails.find(id) })
            #expect(stored == acceptance.email)
            #expect(stored.content.fromName == "Acme, Inc. (News)" && stored.content.alias == "Zoë")
            #expect(stored.sender.description == "news@shop.example" && stored.recipient.description == "reader@example.org")
            #expect(stored.ownCopies.map(\.name) == ["Ann Lee", nil, "Archive"])
            let message = compose(stored)
            let fields = [
                #"From: "Acme, Inc. (News)" <news@shop.example>"#, "To: =?utf-8?q?Zo=C3=AB?= <reader@example.org>",
                "Cc: Ann Lee <ann@example.org>, c@example.org", "Reply-To: desk@shop.example, Desk <desk2@shop.example>",
            ]
            for field in fields { #expect(message.contains("\r\n\(field)\r\n"), "\(message)") }
            #expect(!message.contains("Archive"))
            let copyID = stored.ownCopies[0].id
            let copy = try #require(try await store.read { try $0.emails.find(copyID) })
            #expect(copy.recipientName == "Ann Lee" && copy.content.fromName == "Acme, Inc. (News)" && copy.content.alias == "Zoë")
            let listed = try await store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 10).emails }
            #expect(listed.map(\.content.fromName) == Array(repeating: "Acme, Inc. (News)", count: 4))
        }
    }

    @Test(
        arguments: [
            ("news@shop.example", nil, nil, nil), ("News <news@shop.example>", nil, nil, "News"),
            ("news@shop.example", "News", nil, "News"),
            ("News <news@shop.example>", "News", nil, "News"), ("news@shop.example", nil, "Shop", "Shop"),
            ("news@shop.example", "", "Shop", "Shop"),
            ("News <news@shop.example>", nil, "Shop", "News"),
            ("news@shop.example", "  ", nil, nil),
        ] as [(String, String?, String?, String?)])
    func `the name in From`(from: String, fromName: String?, ofDomain: String?, expected: String?) async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example") { $0.fromName = ofDomain }
            let email = try await Submission(store: store, gate: Gate()).accept(
                request { ($0.from, $0.fromName) = (from, fromName) }, by: .master
            ).email
            #expect(email.content.fromName == expected)
        }
    }

    struct Refused: Sendable {
        var field: String
        var change: @Sendable (inout EmailRequest) -> Void
    }

    static let refused: [Refused] = [
        Refused(field: "fromName") { ($0.from, $0.fromName) = ("News <news@shop.example>", "Other") },
        Refused(field: "alias") { ($0.to, $0.alias) = ("Eva <e@b.example>", "Ann") },
        Refused(field: "alias") { $0.alias = String(repeating: "x", count: 201) },
        Refused(field: "fromName") { $0.fromName = "a\r\nBcc: x@y.example" },
        Refused(field: "from") { $0.from = "Acme, Inc. <news@shop.example>" },
        Refused(field: "to") { $0.to = "a@b.example, Bob <c@d.example>" },
        Refused(field: "cc[1]") { $0.cc = ["Ann <a@b.example>", "Bob <bob>"] },
        Refused(field: "bcc[0]") { $0.bcc = ["Eva <Reader@EXAMPLE.org>"] },
        Refused(field: "replyTo[0]") { $0.replyTo = ["Desk <x@y.example>, z@y.example"] },
    ]

    @Test(arguments: refused) func `names that are refused`(_ refused: Refused) async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let error = await #expect(throws: Refusal.self) {
                try await Submission(store: store, gate: Gate()).accept(request(refused.change), by: .master)
            }
            #expect(error?.kind == .invalid && error?.field == refused.field, "\(error?.description ?? "")")
        }
    }

    @Test func `a list in to is answered with what to do`() throws {
        let error = #expect(throws: Refusal.self) {
            try ValidatedEmail(request { $0.to = "a@b.example, c@d.example" }, at: Timestamp(milliseconds: 0), limits: SubmissionLimits())
        }
        #expect(error?.explanation.contains("POST /emails/batch") == true)
    }

    @Test func `html alone is enough`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let email = try await Submission(store: store, gate: Gate()).accept(
                request {
                    ($0.text, $0.html) = ("", "<h1>Our {{what}}</h1><p>Buy &amp; save</p>"); $0.variables = ["what": "offer"]
                }, by: .master
            ).email
            #expect(email.content.html == "<h1>Our offer</h1><p>Buy &amp; save</p>")
            #expect(email.content.text == HTMLText.plainText(from: "<h1>Our offer</h1><p>Buy &amp; save</p>"))
            #expect(email.content.text.contains("Buy & save") && !email.content.text.contains("<"))
        }
    }

    @Test(
        arguments: [
            ("news@shop.example", [], 0), ("no-reply@shop.example", [], 1), ("NoReply+x@shop.example", [], 1),
            ("do_not_reply@shop.example", [], 1),
            ("orders.noreply@shop.example", [], 1), ("reply@shop.example", ["Shop <no.reply@shop.example>"], 1),
            ("noreply@shop.example", ["desk@shop.example", "noreply@shop.example"], 2), ("norbert@shop.example", ["nora@shop.example"], 0),
        ] as [(String, [String], Int)])
    func `addresses that nobody reads earn a warning`(from: String, replyTo: [String], warnings: Int) async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let note = try await Submission(store: store, gate: Gate()).accept(
                request { ($0.from, $0.replyTo) = (from, replyTo) }, by: .master
            ).note
            #expect((note ?? "").components(of: "nobody reads").count - 1 == warnings, "\(note ?? "")")
        }
    }

    @Test(
        arguments: [
            (.marketing, nil, "Unsubscribe"), (.marketing, "Leave", "Leave"), (.transactional, nil, nil), (nil, nil, nil),
            (nil, "Leave", "Leave"),
        ] as [(EmailCategory?, String?, String?)])
    func `marketing has a visible link`(category: EmailCategory?, label: String?, shown: String?) throws {
        var email = try ValidatedEmail(request(), at: Timestamp(milliseconds: 0), limits: SubmissionLimits())
        (email.content.category, email.content.unsubscribeText) = (category, label)
        email.content.html = "<p>hello</p>"
        let composed = compose(
            Email(
                id: EmailID(at: Timestamp(milliseconds: 0)), accountID: 1, userName: "a", operatorName: "o", domainID: 1,
                sender: email.sender,
                recipient: email.recipient, status: .queued, externalID: nil, clientID: nil, createdAt: Timestamp(milliseconds: 0),
                updatedAt: Timestamp(milliseconds: 0), content: email.content))
        #expect(composed.contains(">\(shown ?? "?")</a>") == (shown != nil))
        #expect(composed.contains("\r\n\(shown ?? "?")\r\nhttps://mail.example/u/") == (shown != nil))
    }
}

extension String {
    fileprivate func components(of separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
