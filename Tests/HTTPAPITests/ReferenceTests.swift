import Hummingbird
import JSON
import MailModel
import TestSupport
import Testing
import Web

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1)))
struct ReferenceTests {
    private func page(_ api: APIHarness) async throws -> Answer {
        try await api.send(.get, "/docs", token: "")
    }

    @Test func everyOperationIsInOneGroupAndOnThePage() async throws {
        try await withAPI { api in
            let text = try await page(api).text
            for operation in api.api.operations {
                #expect(OperationGroup.all.filter { $0.contains(operation) }.count == 1, "\(operation.path)")
                #expect(text.contains("<section class=\"operation\" id=\"\(OperationObject(operation: operation).operationID)\">"))
            }
        }
    }

    /// Every link inside the page has an anchor, and every anchor is unique.
    @Test func anchors() async throws {
        try await withAPI { api in
            let text = try await page(api).text
            let ids = text.matches(of: /\ id="([^"]*)"/).map { String($0.1) }
            let links = text.matches(of: /href="#([^"]*)"/).map { String($0.1) }
            #expect(Set(ids).count == ids.count)
            #expect(Set(links).subtracting(ids).isEmpty && links.count > 100)
        }
    }

    /// The example bodies fit the schemas of their operations.
    @Test func examplesFitTheirSchemas() async throws {
        try await withAPI { api in
            for operation in api.api.operations {
                for parameter in operation.documentation.query where parameter.isRequired { #expect(parameter.example != nil) }
                guard let body = operation.documentation.body, let example = body.example else { continue }
                #expect(!example.contains("'"))
                guard body.contentType == "application/json" else { continue }
                let value = try JSONValue.parse(example.utf8)
                #expect(SchemaValidator.faults(of: value, against: body.schema) == [], "\(operation.method) \(operation.path)")
            }
        }
    }

    /// The list of an object has the sentence and the example of each property.
    @Test func propertiesAreExplained() {
        let schema = Schema.object([
            .init("first", .array(.string), "The <first> `one`.", example: ["a", "b"]),
            .optional("second", .object([.init("third", .count, "How many.", example: 3)]), "The second one."),
        ])
        #expect(
            SchemaList.members(of: schema).description == """
                <ul class="fields"><li><code class="name">first</code> <span class="type">array of string</span>\
                <p>The &lt;first&gt; <code>one</code>. Example: <code>[&quot;a&quot;,&quot;b&quot;]</code></p></li>\
                <li><code class="name">second</code> <span class="type">object</span> <span class="optional">optional</span>\
                <p>The second one.</p><ul class="fields"><li><code class="name">third</code> <span class="type">integer from 0</span>\
                <p>How many. Example: <code>3</code></p></li></ul></li></ul>
                """)
    }

    @Test(arguments: [
        ("mail.example", "http://mail.example"), ("mail.example:8080", "http://mail.example:8080"), ("[::1]:8080", "http://[::1]:8080"),
        ("MAIL.example", "http://mail.example"), ("a'; rm -rf /", "http://127.0.0.1:8080"), ("<script>", "http://127.0.0.1:8080"),
        ("a.example/x", "http://127.0.0.1:8080"), ("user@a.example", "http://127.0.0.1:8080"), ("a.example?$(id)", "http://127.0.0.1:8080"),
    ])
    func hostOfTheRequest(host: String, base: String) {
        #expect(PublicAddress(configured: nil, local: "http://127.0.0.1:8080").base(host: host) == base)
    }

    @Test func everyLineCarriesTheAddress() async throws {
        try await withAPI { api in
            let text = try await page(api).text
            #expect(text.matches(of: /<code>curl\ /).count == text.matches(of: /<code>curl\ [^\n]*http:\/\/(localhost|127\.0\.0\.1)/).count)
            #expect(!text.contains("\u{E000}"))
        }
    }

    @Test func aConfiguredAddressTakesPrecedence() {
        let address = PublicAddress(configured: "https://api.example/mail", local: "http://127.0.0.1:8080")
        #expect(address.base(host: "other.example") == "https://api.example/mail")
        #expect(PublicAddress(configured: nil, local: "http://127.0.0.1:8080").base(host: nil) == "http://127.0.0.1:8080")
    }

    @Test func curlLines() {
        let line = { (operation: Operation) in CurlLine(operation: operation).text(base: "http://h") }
        let none = Documentation("x")
        #expect(line(.open(.get, "/healthz", none) { _ in .init(status: .ok) }) == "curl http://h/healthz")
        #expect(
            line(Operation(.delete, "/api-keys/{id}", .keysManage, none) { _, _ in .init(status: .ok) })
                == "curl -X DELETE http://h/api-keys/1 \\\n  -H \"Authorization: Bearer $TOKEN\"")
        let period = Documentation(
            "x", query: [.init(name: "period", schema: .string, description: "", isRequired: true, example: "2026-01")])
        #expect(
            line(.open(.get, "/outbound/billing", period) { _ in .init(status: .ok) }) == "curl 'http://h/outbound/billing?period=2026-01'")
        let put = Documentation("x", body: .json(.object([]), example: #"{"a": 1}"#))
        #expect(
            line(.open(.put, "/domains/{name}/owner", put) { _ in .init(status: .ok) })
                == "curl -X PUT http://h/domains/shop.example/owner \\\n  --json '{\"a\": 1}'")
    }

    /// The page loads its own style sheet and script only, by paths that change with their content.
    @Test func assets() async throws {
        try await withAPI { api in
            let page = try await page(api)
            #expect(page.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
            #expect(!page.text.contains(" style=") && !page.text.contains(" onclick="))
            for path in page.text.matches(of: /"(\/assets\/[^"]*)"/).map({ String($0.1) }) {
                let asset = try await api.send(.get, path, token: "")
                #expect(asset.status == 200 && asset.headers[.cacheControl]?.contains("immutable") == true)
                #expect(asset.headers[.contentType]?.hasPrefix(path.hasSuffix(".js") ? "text/javascript" : "text/css") == true)
            }
            #expect(try await api.send(.get, "/assets/reference-0.css", token: "").status == 404)
        }
    }
}
