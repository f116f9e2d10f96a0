import Hummingbird
import JSON
import MailModel
import Sending
import Storage
import TestSupport
import Testing
import Web

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1)))
struct UnsubscribePageTests {
    /// Sends an email from `news@shop.example`, and passes the path of its link.
    private func withLink(
        to recipient: String = "reader@example.org", _ body: @escaping @Sendable (APIHarness, _ link: String) async throws -> Void
    ) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("shop.example")
            let email = #"{"to": "\#(recipient)", "from": "news@shop.example", "text": "x", "subject": "S"}"#
            let id = try await api.send(.post, "/emails", body: email).data["id"]?.stringValue ?? ""
            let source = try await api.send(.get, "/emails/\(id)/source").text
            let link = try #require(source.firstMatch(of: /<https:\/\/mail\.example(\/u\/[^>]+)>/)?.1)
            try await body(api, String(link))
        }
    }

    private func suppressions(_ api: APIHarness) async throws -> [SuppressionEntry] {
        try await api.store.read { try $0.suppressions.list(after: nil, limit: 10).map(\.entry) }
    }

    private static let form = "application/x-www-form-urlencoded"

    @Test func scannersChangeNothing() async throws {
        try await withLink { api, link in
            for method in [HTTPRequest.Method.get, .head, .get] {
                let answer = try await api.send(method, link, token: "")
                #expect(answer.status == 200)
                #expect(answer.text.isEmpty == (method == .head))
            }
            #expect(try await api.send(.get, link + "?List-Unsubscribe=One-Click&action=unsubscribe", token: "").status == 200)
            #expect(try await api.send(.put, link, token: "", body: "List-Unsubscribe=One-Click", type: Self.form).status == 405)
            #expect(try await suppressions(api).isEmpty)
        }
    }

    /// RFC 8058 section 3.2: either encoding, no cookies, no redirect.
    @Test(arguments: [
        (form, "List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
        ),
        (form, ""), ("text/plain", "%%%&&&=\u{0}"),
    ])
    func oneClick(type: String, body: String) async throws {
        try await withLink { api, link in
            let answer = try await api.send(.post, link, token: "", body: body, type: type)
            #expect(answer.status == 200 && answer.headers[.location] == nil && answer.headers[.setCookie] == nil)
            let entries = try await suppressions(api)
            #expect(entries.map(\.reason) == [.unsubscribe] && entries.first?.sender?.description == "news@shop.example")
        }
    }

    @Test func formOfThePage() async throws {
        try await withLink { api, link in
            _ = try await api.send(.post, link, token: "", body: "scope=account", type: Self.form)
            #expect(try await suppressions(api).map(\.scope) == [.account])
            let page = try await api.send(.get, link, token: "").text
            #expect(page.contains("name=\"action\" value=\"resubscribe\"") && page.contains("no more emails from this company"))
            let again = try await api.send(.post, link, token: "", body: "action=resubscribe", type: Self.form)
            #expect(again.status == 200 && again.text.contains("may write to <b>r***@example.org</b> again"))
            #expect(try await suppressions(api).isEmpty)
        }
    }

    @Test func forgedAndExpiredLinks() async throws {
        try await withLink { api, link in
            for method in [HTTPRequest.Method.get, .post] {
                for path in [link + "A", String(link.dropLast(3)) + "AAA", "/u/x", "/u/%20", "/u/" + String(repeating: "A", count: 43)] {
                    let answer = try await api.send(
                        method, path, token: "", body: method == .post ? "List-Unsubscribe=One-Click" : nil, type: Self.form)
                    #expect(answer.status == 404 && answer.text.contains("<h1>Link not valid</h1>"))
                }
            }
            api.clock.advance(by: UnsubscribeLinks.lifetime + .seconds(1))
            for method in [HTTPRequest.Method.get, .post] {
                let answer = try await api.send(method, link, token: "")
                #expect(answer.status == 410 && answer.text.contains("<h1>Link expired</h1>"))
            }
            #expect(try await suppressions(api).isEmpty)
        }
    }

    @Test(arguments: [
        (nil, "en", "Unsubscribe"), ("es", "es", "Cancelar la suscripción"), ("pt-BR,pt;q=0.9,en;q=0.8", "pt", "Cancelar inscrição"),
        ("de-DE, es;q=0.2, en;q=0.1", "es", "Cancelar la suscripción"), ("xx", "en", "Unsubscribe"),
    ])
    func languageOfTheReader(header: String?, language: String, title: String) async throws {
        try await withLink { api, link in
            let answer = try await api.send(.get, link, token: "", headers: header.map { [.acceptLanguage: $0] } ?? [:])
            #expect(answer.text.contains("<html lang=\"\(language)\">") && answer.text.contains("<h1>\(title)</h1>"))
            #expect(answer.headers[.contentLanguage] == language && answer.headers[.vary] == "Accept-Language")
            #expect(answer.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
            #expect(!answer.text.contains("<script") && !answer.text.contains("style="))
        }
    }

    /// Whoever else has the link, a forwarded message's reader or a mail scanner, does not learn the address by it.
    @Test(arguments: [
        ("reader@example.org", "r***@example.org"), ("&b'{sender}@example.org", "&amp;***@example.org"),
        ("a@example.org", "***@example.org"),
    ])
    func addressesAreMaskedAndEscaped(recipient: String, shown: String) async throws {
        try await withLink(to: recipient) { api, link in
            for page in [try await api.send(.get, link, token: ""), try await api.send(.post, link, token: "")] {
                #expect(page.text.contains("<b>\(shown)</b>") && page.text.contains("<b>news@shop.example</b>"))
                #expect(!page.text.contains("reader") && !page.text.contains("&#39;"))
            }
        }
    }

    @Test func markupStaysText() {
        #expect(
            HTML.sentence("<i> {a} & {b}{c}", ["a": "<script>", "b": "{a}"]).description
                == "&lt;i&gt; <b>&lt;script&gt;</b> &amp; <b>{a}</b>")
        #expect(("<p>\("<x>")</p>" as HTML).description == "<p>&lt;x&gt;</p>")
    }

    @Test(arguments: [
        (nil, "en"), ("", "en"), ("*", "en"), ("es", "es"), ("ES-mx", "es"), ("en;q=0.1,pt;q=0.2", "pt"), ("en;q=0,*;q=0.5", "es"),
        ("pt;q=0,es;q=0", "en"), ("es;q=1.001,pt", "es"), ("es;q=x,pt;q=0.1", "pt"), ("es;q=0.1234,pt;q=0.1", "pt"),
        (" pt ; q=0.300 , es;q=0.3", "es"),
        ("est;q=1,pt;q=0.5", "pt"), (",,;;q=", "en"),
    ])
    func weights(header: String?, language: String) {
        #expect(AcceptLanguage(header).choice(of: ["en", "es", "pt"]) == language)
    }
}
