import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing
import Web

/// `/templates`, and `template`, `variables` and `category` of `POST /emails`.
@Suite(.timeLimit(.minutes(1)))
struct TemplateTests {
    private static let welcome = #"{"name": "welcome", "subject": "Hi {{name}}", "text": "{{ name }} {{code}}", "html": "<b>{{name}}</b>"}"#

    private static func email(_ more: String) -> String {
        #"{"to": "eva@example.org", "from": "news@example.com", \#(more)}"#
    }

    @Test func lifeOfATemplate() async throws {
        try await withAPI { api in
            let token = try await api.token()
            let created = try await api.send(.post, "/templates", token: token, body: Self.welcome)
            #expect(created.status == 201)
            #expect(created.data.names == ["name", "subject", "text", "html", "variables", "createdAt", "updatedAt"])
            #expect(created.data["variables"]?.strings == ["name", "code"])
            let again = try await api.send(.post, "/templates", token: token, body: Self.welcome)
            #expect(again.status == 409 && again.explain == "name: there is a template welcome already")
            #expect(try await api.send(.get, "/templates/welcome", token: token).data == created.data)
            api.clock.advance(by: .seconds(1))
            let changed = try await api.send(.put, "/templates/welcome", token: token, body: #"{"subject": "S", "text": "T"}"#)
            #expect(changed.status == 200 && changed.data["html"] == .null && changed.data["createdAt"] == created.data["createdAt"])
            #expect(changed.data["updatedAt"] != created.data["updatedAt"])
            #expect(try await api.send(.delete, "/templates/welcome", token: token).status == 204)
            for method in [HTTPRequest.Method.get, .delete] {
                #expect(try await api.send(method, "/templates/welcome", token: token).explain == "Template not found")
            }
            #expect(try await api.send(.put, "/templates/welcome", token: token, body: #"{"subject": "S", "text": "T"}"#).status == 404)
        }
    }

    @Test func pages() async throws {
        try await withAPI { api in
            let token = try await api.token()
            for name in ["c", "a", "b"] {
                _ = try await api.send(.post, "/templates", token: token, body: #"{"name": "\#(name)", "subject": "s", "text": "t"}"#)
            }
            let first = try await api.send(.get, "/templates?limit=2", token: token)
            let items = first.object["data"]?.arrayValue ?? []
            #expect(items.map { $0.objectValue?["name"]?.stringValue } == ["a", "b"])
            #expect(items.first?.objectValue?.names == ["name", "subject", "createdAt", "updatedAt"])
            #expect(first.meta["next"]?.stringValue == "b")
            let second = try await api.send(.get, "/templates?after=b", token: token)
            #expect(second.object["data"]?.arrayValue?.count == 1 && second.meta["next"] == nil)
        }
    }

    @Test func access() async throws {
        try await withAPI { api in
            let reader = try await api.token(scopes: [.read, .send])
            #expect(try await api.send(.post, "/templates", token: reader, body: Self.welcome).status == 403)
            #expect(try await api.send(.post, "/templates", body: Self.welcome).status == 422)
            let named = String(Self.welcome.dropLast()) + #", "userName": "acme"}"#
            #expect(try await api.send(.post, "/templates", body: named).status == 201)
            #expect(try await api.send(.get, "/templates/welcome", token: reader).status == 200)
            #expect(try await api.send(.get, "/templates/welcome?userName=acme").status == 200)
            #expect(try await api.send(.delete, "/templates/welcome", token: reader).status == 403)
            #expect(try await api.send(.get, "/templates/welcome", token: api.token(of: "other")).status == 404)
            #expect(try await api.send(.get, "/templates/welcome", token: "").status == 401)
        }
    }

    @Test(arguments: [
        (#"{"subject": "s", "text": "t"}"#, 400, "name: missing"), (#"{"name": "n", "text": "t"}"#, 400, "subject: missing"),
        (#"{"name": "a b", "subject": "s", "text": "t"}"#, 422, "name: expected a letter or _"),
        (#"{"name": "", "subject": "s", "text": "t"}"#, 422, "name: expected a letter or _"),
        (#"{"name": "n", "subject": "a\nb", "text": "t"}"#, 422, "subject must not contain a line feed"),
        (#"{"name": "n", "subject": "s", "text": "{{"}"#, 422, "text: {{ at byte 1 is followed by no name"),
        (#"{"name": "n", "subject": "s", "text": "t", "html": "{{#if}}"}"#, 422, "html: {{ at byte 1"),
        (#"{"name": "n", "subject": "s", "text": 1}"#, 422, "text: expected a string"),
        (#"{"name": "n", "subject": "s", "text": "t", "body": "x"}"#, 422, "body: unknown field"), ("[]", 422, "The body"),
        ("{", 400, "The body"),
    ])
    func invalidTemplates(body: String, status: Int, explain: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/templates", token: api.token(), body: body)
            #expect(answer.status == status && answer.explain?.hasPrefix(explain) == true, "\(answer.text)")
        }
    }

    @Test func anEmailFromATemplate() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let token = try await api.token()
            _ = try await api.send(.post, "/templates", token: token, body: Self.welcome)
            let sent = try await api.send(
                .post, "/emails", token: token,
                body: Self.email(#""template": "welcome", "variables": {"name": "Eva <3", "code": 1.50}, "category": "transactional""#))
            #expect(sent.status == 202 && sent.data["status"]?.stringValue == "QUEUED")
            #expect(sent.data["subject"]?.stringValue == "Hi Eva <3" && sent.data["text"]?.stringValue == "Eva <3 1.50")
            #expect(sent.data["category"]?.stringValue == "transactional")
            let source = try await api.send(.get, "/emails/\(sent.data["id"]?.stringValue ?? "")/source", token: token).text
            #expect(source.contains("<b>Eva &lt;3</b>") && !source.contains("List-Unsubscribe"))
            let incomplete = try await api.send(.post, "/emails", token: token, body: Self.email(#""template": "welcome""#))
            #expect(incomplete.status == 202 && incomplete.data["status"]?.stringValue == "INCOMPLETE")
            #expect(incomplete.explain == "There is no value for name, code: the email is kept for reports and not sent")
            let item = Self.email(#""template": "welcome", "variables": {"name": true, "code": -7}"#)
            let batch = try await api.send(.post, "/emails/batch", token: token, body: #"{"emails": [\#(item), \#(item)]}"#)
            let texts = (batch.object["data"]?.arrayValue ?? []).map {
                $0.objectValue?["data"]?.objectValue?["text"]?.stringValue
            }
            #expect(texts == ["true -7", "true -7"])
        }
    }

    @Test(arguments: [
        (#""template": "absent""#, 422, "template: the account has no template absent"),
        (#""template": "welcome", "text": "t""#, 422, "text: not expected beside template"),
        (#""template": "welcome", "html": "t""#, 422, "html: not expected beside template"),
        (#""template": 5"#, 422, "template: expected a string"), (#""text": "t""#, 400, "subject: missing"),
        (#""template": "welcome", "variables": {"name": null}"#, 422, "variables: expected an object of strings"),
        (#""template": "welcome", "variables": {"name": ["x"]}"#, 422, "variables: expected an object of strings"),
        (#""template": "welcome", "variables": "x""#, 422, "variables: expected an object of strings"),
        (
            #""template": "welcome", "variables": {"name": "a\r\nBcc: b@c.example", "code": 1}"#, 422,
            "variables.name must not contain a carriage"
        ),
        (#""text": "t", "subject": "s", "category": "spam""#, 422, "category: expected one of transactional, marketing"),
    ])
    func invalidEmails(fields: String, status: Int, explain: String) async throws {
        try await withAPI { api in
            let domain = try await api.store.makeDomain("example.com")
            let token = try await api.token()
            _ = try await api.send(.post, "/templates", token: token, body: Self.welcome)
            let answer = try await api.send(.post, "/emails", token: token, body: Self.email(fields))
            #expect(answer.status == status && answer.explain?.hasPrefix(explain) == true, "\(answer.text)")
            #expect(try await api.store.read { try $0.domains.find(named: domain.name) } == domain)
        }
    }
}
