import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1)))
struct SuppressionTests {
    private static func list(_ answer: Answer) -> [JSONObject] {
        (answer.object["data"]?.arrayValue ?? []).compactMap(\.objectValue)
    }

    @Test func addListRemove() async throws {
        try await withAPI { api in
            let token = try await api.token()
            let body = #"{"address": "Ann@x.example", "sender": "news@shop.example", "reason": "unsubscribe", "note": "by phone"}"#
            let made = try await api.send(.post, "/suppressions", token: token, body: body)
            #expect(made.status == 201)
            #expect(
                made.data.names == ["id", "userName", "address", "scope", "sender", "reason", "note", "source", "createdAt"])
            #expect(made.data["scope"]?.stringValue == "sender" && made.data["address"]?.stringValue == "ann@x.example")
            let again = try await api.send(
                .post, "/suppressions", token: token,
                body: #"{"address": "ann@x.example", "sender": "news@shop.example", "reason": "unsubscribe"}"#)
            #expect(again.status == 200 && again.data == made.data && again.explain?.contains("already") == true)
            #expect(Self.list(try await api.send(.get, "/suppressions?address=ann@x.example", token: token)) == [made.data])
            let id = try #require(made.data["id"]?.integerValue)
            let foreign = try await api.token(of: "other")
            #expect(try await api.send(.delete, "/suppressions/\(id)", token: foreign).status == 404)
            #expect(try await api.send(.delete, "/suppressions/\(id)", token: token).status == 204)
            #expect(try await api.send(.delete, "/suppressions/\(id)", token: token).status == 404)
            #expect(Self.list(try await api.send(.get, "/suppressions", token: token)).isEmpty)
        }
    }

    @Test func theMasterNamesTheAccount() async throws {
        try await withAPI { api in
            let token = try await api.token()
            #expect(try await api.send(.post, "/suppressions", body: #"{"address": "a@x.example"}"#).status == 422)
            #expect(try await api.send(.post, "/suppressions", body: #"{"address": "a@x.example", "userName": "nobody"}"#).status == 404)
            #expect(try await api.send(.post, "/suppressions", body: #"{"address": "a@x.example", "userName": "acme"}"#).status == 201)
            #expect(Self.list(try await api.send(.get, "/suppressions?userName=acme&scope=account")).count == 1)
            #expect(Self.list(try await api.send(.get, "/suppressions")).count == 1)
            #expect(try await api.send(.get, "/suppressions?scope=account").status == 422)
            #expect(Self.list(try await api.send(.get, "/suppressions?userName=acme", token: token)).count == 1)
            #expect(try await api.send(.get, "/suppressions?userName=other", token: token).status == 404)
        }
    }

    @Test(arguments: [
        ("{}", 400, "address"), (#"{"address": "x"}"#, 422, "address"), (#"{"address": "a@x.example", "reason": "bored"}"#, 422, "reason"),
        (#"{"address": "a@x.example", "scope": "sender"}"#, 422, "sender"), (#"{"address": "a@x.example", "why": "x"}"#, 422, "why"),
        (#"{"address": 7}"#, 422, "address"), ("[]", 422, "object"), ("{", 400, "JSON"),
    ])
    func refusals(body: String, status: Int, named: String) async throws {
        try await withAPI { api in
            let token = try await api.token()
            let answer = try await api.send(.post, "/suppressions", token: token, body: body)
            #expect(answer.status == status)
            #expect(answer.explain?.contains(named) == true)
            #expect(Self.list(try await api.send(.get, "/suppressions", token: token)).isEmpty)
        }
    }

    @Test func scopesOfKeys() async throws {
        try await withAPI { api in
            let reader = try await api.token(scopes: [.read])
            #expect(try await api.send(.get, "/suppressions", token: reader).status == 200)
            #expect(try await api.send(.post, "/suppressions", token: reader, body: #"{"address": "a@x.example"}"#).status == 403)
            #expect(try await api.send(.post, "/suppressions/import", token: reader, body: "a@x.example", type: "text/csv").status == 403)
            #expect(try await api.send(.delete, "/suppressions/1", token: reader).status == 403)
        }
    }

    @Test func pages() async throws {
        try await withAPI { api in
            let token = try await api.token()
            let lines = (1...25).map { "r\($0)@x.example" }.joined(separator: "\n")
            #expect(try await api.send(.post, "/suppressions/import", token: token, body: lines, type: "text/csv").status == 200)
            var seen: [String] = []
            var next: String? = ""
            while let after = next {
                let page = try await api.send(.get, "/suppressions?limit=10\(after.isEmpty ? "" : "&after=\(after)")", token: token)
                seen += Self.list(page).compactMap { $0["address"]?.stringValue }
                next = page.meta["next"]?.stringValue
            }
            #expect(seen == (1...25).reversed().map { "r\($0)@x.example" })
        }
    }

    @Test func anExportIsImportedUnchanged() async throws {
        try await withAPI { api in
            let token = try await api.token()
            let file = """
                address,scope,sender,reason,note\r
                '=sum@x.example,account,,hard_bounce,"a ""b"", c"\r
                b@x.example,sender,news@shop.example,unsubscribe,"two\r
                lines"\r

                """
            let report = try await api.send(.post, "/suppressions/import", token: token, body: file, type: "text/csv; charset=utf-8")
            #expect(report.data["imported"]?.integerValue == 2, "\(report.text)")
            let exported = try await api.send(.get, "/suppressions?format=csv", token: token)
            #expect(exported.headers[.contentType] == "text/csv; charset=utf-8")
            #expect(exported.text == file)
            let only = try await api.send(.get, "/suppressions?scope=sender", token: token, headers: [.accept: "text/csv"])
            #expect(only.text.hasPrefix("address,") && !only.text.contains("sum@") && only.text.contains("b@x.example"))
            let other = try await api.token(of: "other")
            #expect(try await api.send(.get, "/suppressions?format=csv", token: other).text == "address,scope,sender,reason,note\r\n")
            _ = try await api.send(.post, "/suppressions/import", token: other, body: exported.text, type: "text/csv")
            #expect(try await api.send(.get, "/suppressions?format=csv", token: other).text == file)
            let twice = try await api.send(.post, "/suppressions/import", token: token, body: exported.text, type: "text/csv")
            #expect(twice.data["imported"]?.integerValue == 0 && twice.data["duplicates"]?.integerValue == 2)
        }
    }

    @Test func invalidLinesAreReportedAndTheOthersImported() async throws {
        try await withAPI { api in
            let token = try await api.token()
            let file =
                "reason,address\nmanual,a@x.example\nbored,b@x.example\n,nobody\n\n\"x\"y,c@x.example\nmanual,d@x.example,more\n,e@x.example\n"
            let answer = try await api.send(.post, "/suppressions/import", token: token, body: file, type: "text/csv")
            #expect(answer.status == 200)
            #expect(answer.data["imported"]?.integerValue == 2 && answer.data["rejectedCount"]?.integerValue == 4)
            let rejected = (answer.data["rejected"]?.arrayValue ?? []).compactMap(\.objectValue)
            #expect(rejected.map { $0["line"]?.integerValue } == [3, 4, 6, 7])
            #expect(
                rejected.first?["explain"]?.stringValue
                    == "reason: expected one of hard_bounce, complaint, unsubscribe, manual, soft_bounce")
        }
    }

    @Test(arguments: [
        ("name,reason\na@x.example,manual\n", "text/csv", 422, "the column address is missing, found"),
        ("reason\nmanual\n", "text/csv", 422, "the column address is missing"),
        ("address,address\n", "text/csv", 422, "named twice"), ("\"address\n", "text/csv", 422, "Line 1"),
        ("{}", "application/json", 415, "text/csv"),
    ])
    func invalidFiles(file: String, type: String, status: Int, explain: String) async throws {
        try await withAPI { api in
            let token = try await api.token()
            let answer = try await api.send(.post, "/suppressions/import", token: token, body: file, type: type)
            #expect(answer.status == status)
            #expect(answer.explain?.contains(explain) == true, "\(answer.text)")
        }
    }

    @Test(
        arguments: [
            ("address,reason\r\na@x.example, hard_bounce\r\n", "hard_bounce", []),
            ("Address,Reason\na@x.example,complaint\n", "complaint", []), ("a@x.example, hard_bounce\n", "hard_bounce", []),
            ("address,code,error,created_at\na@x.example,550,\"No, such\",\"Tue, 1 Jan\"\n", "manual", ["code", "error", "created_at"]),
            ("email,created,reason\na@x.example,1700000000,550 5.1.1 No such user\n", "hard_bounce", ["created"]),
            ("EmailAddress,Reason,LastUpdateTime\na@x.example,BOUNCE,2026-01-01T00:00:00Z\n", "hard_bounce", ["LastUpdateTime"]),
            ("\u{FEFF}Email Address;Type;\r\n\"a@x.example\";\"Spam\";\r\n", "complaint", []),
            ("sep=;\r\nemail;reason\r\na@x.example;unsubscribed\r\n", "unsubscribe", []),
            ("email\treason\na@x.example\tBounce\n", "hard_bounce", []),
            ("email\n\u{200B}a@x.example\u{A0}\n", "manual", []), ("email\n\u{FEFF}\u{2060}a@x.example\u{200E} \n", "manual", []),
        ] as [(String, String, [String])])
    func filesOfOtherServices(file: String, reason: String, ignored: [String]) async throws {
        try await withAPI { api in
            let token = try await api.token()
            let answer = try await api.send(.post, "/suppressions/import", token: token, body: file, type: "text/csv")
            #expect(answer.data["imported"]?.integerValue == 1 && answer.data["rejectedCount"]?.integerValue == 0, "\(answer.text)")
            #expect(answer.data["ignoredColumns"]?.arrayValue?.compactMap(\.stringValue) == ignored)
            let listed = Self.list(try await api.send(.get, "/suppressions?address=a@x.example", token: token))
            #expect(listed.map { $0["reason"]?.stringValue } == [reason])
        }
    }

    @Test func anEmptyFileImportsNothing() async throws {
        try await withAPI { api in
            let token = try await api.token()
            let answer = try await api.send(.post, "/suppressions/import", token: token, body: "", type: "text/csv")
            #expect(answer.status == 200 && answer.data["imported"]?.integerValue == 0)
        }
    }
}
