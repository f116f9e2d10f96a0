import MailModel
import Storage
import TestSupport
import Testing

@testable import Sending

/// Emails of templates keep the version and their values, not the texts that are made of them (specification 5.5).
@Suite(.timeLimit(.minutes(1)))
struct TemplateVersionTests {
    private let clock = TestClock()

    private struct Service {
        var store: Store
        var submission: Submission
        var templates: TemplateService
        var account: Account

        func replace(_ text: String, html: String? = nil) async throws {
            let texts = TemplateService.Texts(subject: "S {{x}}", text: text, html: html)
            if try await templates.replace("t", texts, of: account, by: .master) == nil {
                _ = try await templates.create("t", texts, of: account, by: .master)
            }
        }

        func accept(_ variables: [String: String] = [:], _ change: (inout EmailRequest) -> Void = { _ in }) async throws -> Email {
            var request = EmailRequest(to: "reader@example.org", from: "news@shop.example", text: "", subject: "")
            (request.template, request.variables) = ("t", variables)
            change(&request)
            return try await submission.accept(request, by: .master).email
        }

        func stored(_ id: EmailID) async throws -> Email? {
            try await store.read { try $0.emails.find(id) }
        }
    }

    private func withTemplate(_ text: String, html: String? = nil, _ body: (Service) async throws -> Void) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let account = try #require(try await store.read { try $0.accounts.find(domain.accountID) })
            let service = Service(
                store: store, submission: Submission(store: store, gate: Gate()), templates: TemplateService(store: store), account: account
            )
            try await service.replace(text, html: html)
            try await body(service)
        }
    }

    @Test(arguments: TemplateTests.filled) func `a text is filled in when it is read`(_ one: TemplateTests.Filled) async throws {
        try await withTemplate(one.text, html: one.html) { service in
            let email = try await service.accept(["x": one.value])
            #expect(email.content.text == one.expected && email.content.html == one.expectedHTML)
            #expect(email.content.isPlainText == one.isPlain)
            #expect(try await service.stored(email.id) == email)
        }
    }

    @Test func `a change and a deletion of the template change no email`() async throws {
        try await withTemplate("<p>{{x}}</p>") { service in
            let first = try await service.accept(["x": "A<B", "unused": "u"])
            try await service.replace("new {{x}}")
            let second = try await service.accept(["x": "A<B"])
            #expect(second.content.text == "new A<B")
            #expect(try await service.templates.delete("t", of: service.account, by: .master))
            #expect(try await service.stored(first.id) == first)
            #expect(try await service.stored(second.id) == second)
            let claimed = try await service.store.write {
                try $0.queue.claim(.init(owner: "n", lease: .seconds(60), grace: .zero, limit: 9))
            }
            #expect(claimed.emails.map(\.textsAreLeft) == [true, true])
            let sent = try await service.store.read { tx in try claimed.emails.map { try tx.emails.completed($0).email.content.text } }
            #expect(Set(sent) == ["<p>A&lt;B</p>", "new A<B"])
        }
    }

    @Test func `a missing variable stays a place, as it was answered`() async throws {
        try await withTemplate("{{a}} {{b}}", html: "<p>{{c}}") { service in
            let email = try await service.accept(["b": "B"])
            #expect(email.status == .incomplete && email.content.text == "{{a}} B" && email.content.html == "<p>{{c}}")
            let stored = try #require(try await service.stored(email.id))
            #expect((stored.content.text, stored.content.html, stored.status) == ("{{a}} B", "<p>{{c}}", .incomplete))
        }
    }

    @Test func `copies have the text of the email that they are copies of`() async throws {
        try await withTemplate("Hi {{x}}") { service in
            let email = try await service.accept(["x": "Ann"]) { ($0.cc, $0.bcc) = (["c@example.org"], ["b@example.org"]) }
            for copy in email.ownCopies { #expect(try await service.stored(copy.id)?.content == email.content) }
            let claimed = try await service.store.write {
                try $0.queue.claim(.init(owner: "n", lease: .seconds(60), grace: .zero, limit: 9))
            }
            let sent = try await service.store.read { tx in try claimed.emails.map { try tx.emails.completed($0).email.content.text } }
            #expect(sent == ["Hi Ann", "Hi Ann", "Hi Ann"])
        }
    }

    @Test func `the emails of a batch share a version`() async throws {
        let text = String(repeating: "A long text. ", count: 1000)
        try await withTemplate(text + "{{x}}") { service in
            let requests = (0..<120).map { number in
                var request = EmailRequest(to: "r\(number)@example.org", from: "news@shop.example", text: "", subject: "")
                (request.template, request.variables) = ("t", ["x": "v\(number)", "unused": "u"])
                return request
            }
            let outcomes = await service.submission.accept(requests, by: .master)
            let emails = try outcomes.map { try $0.get().email }
            #expect(emails.allSatisfy { $0.content.templateBytes == text.utf8.count + 5 })
            for email in [emails[0], emails[119]] { #expect(try await service.stored(email.id) == email) }
            #expect(emails[7].content.text == text + "v7")
        }
    }

    /// The text of a request stands in one email: it is stored with its values.
    @Test func `a text of the request is stored filled in`() async throws {
        try await withTemplate("unused") { service in
            let email = try await service.accept(["x": "Ann"]) { ($0.template, $0.text, $0.subject) = (nil, "Hi {{x}}", "s") }
            #expect(try await service.stored(email.id) == email && email.content.templateBytes == nil)
        }
    }

    @Test func `a repeated request is answered with the text of the first`() async throws {
        try await withTemplate("Hi {{x}}") { service in
            let first = try await service.accept(["x": "Ann"]) { $0.idempotencyKey = "k" }
            try await service.replace("other")
            #expect(try await service.accept(["x": "Ann"]) { $0.idempotencyKey = "k" }.content == first.content)
        }
    }
}
