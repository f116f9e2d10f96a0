import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing
import Web

@testable import HTTPAPI

/// `GET /audit`, and the rows of all operations.
@Suite(.timeLimit(.minutes(1)))
struct AuditTests {
    /// An operation that changes something, with the row that it writes.
    private struct Change: Sendable {
        let operation: String
        let uri: String
        let body: String?
        /// Whether the master calls; otherwise a key of the account `acme`.
        var isMaster = false
        var type = "application/json"
        let action: String
        let target: String
    }

    private static func change(
        _ operation: String, _ uri: String? = nil, _ body: String? = nil, isMaster: Bool = false, type: String = "application/json",
        is action: String, of target: String
    ) -> Change {
        Change(
            operation: operation, uri: uri ?? String(operation.split(separator: " ")[1]), body: body, isMaster: isMaster, type: type,
            action: action, target: target)
    }

    /// In the order in which they are called.
    ///
    /// `{id}` of a later one is the id in the answer to the last `POST`.
    private static let changes: [Change] = [
        change("POST /domains", nil, #"{"name": "New.Example"}"#, is: "domain.create", of: "domain:new.example"),
        change(
            "PUT /domains/{name}", "/domains/new.example", #"{"from_name": "Ann"}"#, is: "domain.update", of: "domain:new.example"),
        change(
            "PUT /domains/{name}/outbound", "/domains/new.example/outbound", #"{"outbound_daily_limit": 500}"#, isMaster: true,
            is: "domain.update", of: "domain:new.example"),
        change(
            "PUT /domains/{name}/outbound", "/domains/new.example/outbound", #"{"outbound_status": "suspended"}"#, isMaster: true,
            is: "domain.suspend", of: "domain:new.example"),
        change(
            "PUT /domains/{name}/outbound", "/domains/new.example/outbound", #"{"outbound_status": "active"}"#, isMaster: true,
            is: "domain.activate", of: "domain:new.example"),
        change("POST /domains/{name}/ses-verify", "/domains/new.example/ses-verify", nil, is: "domain.request", of: "domain:new.example"),
        change(
            "POST /domains/{name}/approve", "/domains/new.example/approve", nil, isMaster: true, is: "domain.approve",
            of: "domain:new.example"),
        change(
            "PUT /domains/{name}/owner", "/domains/new.example/owner", #"{"partner_ref": "globex"}"#, isMaster: true, is: "domain.owner",
            of: "domain:new.example"),
        change("DELETE /domains/{name}", "/domains/new.example", isMaster: true, is: "domain.delete", of: "domain:new.example"),
        change("POST /outbound/reset-daily", isMaster: true, is: "counters.reset_daily", of: "counters:daily"),
        change("POST /outbound/reset-monthly", isMaster: true, is: "counters.reset_monthly", of: "counters:monthly"),
        change("POST /api-keys", nil, #"{"partner_ref": "acme", "name": "Eva"}"#, isMaster: true, is: "key.create", of: "key:{id}"),
        change("POST /api-keys/{id}/rotate", nil, #"{"overlap_seconds": 60}"#, isMaster: true, is: "key.rotate", of: "key:{id}"),
        change("PUT /api-keys/{id}", nil, #"{"active": false}"#, isMaster: true, is: "key.update", of: "key:{id}"),
        change("DELETE /api-keys/{id}", isMaster: true, is: "key.delete", of: "key:{id}"),
        change(
            "PUT /accounts/{ref}/limits", "/accounts/acme/limits", #"{"daily_limit": 1000}"#, isMaster: true, is: "account.limits",
            of: "account:acme"),
        change(
            "PUT /accounts/{ref}/contacts", "/accounts/acme/contacts", #"[{"address": "ann@partner.example"}]"#, is: "account.contacts",
            of: "account:acme"),
        change(
            "POST /accounts/{ref}/review", "/accounts/acme/review", #"{"decision": "block", "note": "spam"}"#, isMaster: true,
            is: "account.block", of: "account:acme"),
        change(
            "POST /accounts/{ref}/review", "/accounts/acme/review", #"{"decision": "keep"}"#, isMaster: true, is: "account.keep",
            of: "account:acme"),
        change(
            "POST /accounts/{ref}/review", "/accounts/acme/review", #"{"decision": "lift"}"#, isMaster: true, is: "account.lift",
            of: "account:acme"),
        change("POST /templates", nil, #"{"name": "t", "subject": "s", "text": "x"}"#, is: "template.create", of: "template:t"),
        change("PUT /templates/{name}", "/templates/t", #"{"subject": "s", "text": "y"}"#, is: "template.update", of: "template:t"),
        change("DELETE /templates/{name}", "/templates/t", nil, is: "template.delete", of: "template:t"),
        change("POST /senders", nil, #"{"email": "ann@mail.example"}"#, is: "sender.request", of: "sender:ann@mail.example"),
        change("DELETE /senders/{email}", "/senders/ann@mail.example", nil, is: "sender.delete", of: "sender:ann@mail.example"),
        change("POST /suppressions", nil, #"{"address": "Jane@customer.example"}"#, is: "suppression.add", of: "recipient:"),
        change("DELETE /suppressions/{id}", nil, nil, is: "suppression.remove", of: "recipient:"),
        change("POST /suppressions", nil, #"{"address": "jim@customer.example"}"#, is: "suppression.add", of: "recipient:"),
        change(
            "DELETE /suppressions", "/suppressions?address=Jim@customer.example", nil, is: "suppression.remove", of: "recipient:"),
        change("POST /recipients/erase", nil, #"{"address": "jim@customer.example"}"#, is: "recipient.erase", of: "recipient:"),
        change(
            "POST /suppressions/import", nil, "address\na@customer.example\nb@customer.example\nnone\n", type: "text/csv",
            is: "suppression.import", of: "account:acme"),
        change(
            "POST /callback-endpoints", nil, #"{"url": "https://hooks.example.com/a?token=s3cret"}"#, is: "endpoint.create",
            of: "endpoint:{id}"),
        change("PUT /callback-endpoints/{id}", nil, #"{"active": false}"#, is: "endpoint.update", of: "endpoint:{id}"),
        change("DELETE /callback-endpoints/{id}", nil, nil, is: "endpoint.delete", of: "endpoint:{id}"),
        change("POST /callback-secret/rotate", nil, #"{"overlapHours": 1}"#, is: "callback_secret.rotate", of: "account:acme"),
    ]

    /// Operations that write no row, with the reason.
    private static let silent = [
        "POST /domains/{name}/outbound/increment": "it counts", "POST /emails": "an email is its own record",
        "POST /emails/batch": "an email is its own record", "DELETE /emails/{id}": "the timeline has it",
        "POST /subscriptions": "the recipient's", "DELETE /subscriptions/{id}": "the recipient's",
        "POST /c/{token}": "the recipient's", "POST /u/{token}": "the recipient's", "POST /webhooks/ses": "rows are of what it leads to",
        "POST /callback-endpoints/{id}/ping": "a delivery is its own record",
        "POST /callback-deliveries/{id}/replay": "a delivery is its own record",
    ]

    /// Operations whose row has a test of its own.
    private static let elsewhere = [
        "POST /senders/{email}/approve": "anApprovalIsTheMasters"
    ]

    /// A new operation has to be in one of the tables.
    @Test func everyOperationThatChangesSomethingIsInATable() async throws {
        try await withAPI { api in
            let known = Set(Self.changes.map(\.operation)).union(Self.silent.keys).union(Self.elsewhere.keys)
            let changing = api.api.operations.filter { $0.method != .get }.map { "\($0.method.rawValue) \($0.path)" }
            #expect(Set(changing).subtracting(known) == [])
            #expect(Set(Self.changes.map(\.operation)).union(Self.silent.keys).subtracting(changing) == [])
        }
    }

    @Test func everyChangeIsOneRow() async throws {
        try await withAPI { api in
            let (acme, globex) = (try await api.token(), try await api.token(of: "globex"))
            var id = ""
            var count = try await Self.rows(api).count
            for change in Self.changes {
                let token = change.isMaster ? APIHarness.master : acme
                let uri = change.uri.replacing("{id}", with: id)
                let method = HTTPRequest.Method(rawValue: String(change.operation.split(separator: " ")[0])) ?? .post
                let answer = try await api.send(method, uri, token: token, body: change.body, type: change.type)
                #expect((200...299).contains(answer.status), "\(change.operation): \(answer.text)")
                if method == .post, let found = answer.object["id"] ?? answer.data["id"] { id = found.integerValue.map(String.init) ?? id }
                let rows = try await Self.rows(api)
                #expect(rows.count == count + 1, "\(change.operation) \(change.action)")
                count = rows.count
                let row = rows.first ?? JSONObject()
                #expect(row["action"]?.stringValue == change.action, "\(change.operation)")
                #expect(
                    row["target"]?.stringValue?.hasPrefix(change.target.replacing("{id}", with: id)) == true, "\(change.operation): \(row)")
                #expect(row["actor"]?.objectValue?["kind"]?.stringValue == (change.isMaster ? "master" : "key"), "\(change.operation)")
                #expect(row["address"]?.stringValue != nil, "\(change.operation)")
                #expect(row["before"] != .null || row["after"] != .null || change.target.hasPrefix("counters"), "\(change.operation)")
            }
            let own = try await Self.rows(api, token: acme)
            #expect(own.allSatisfy { $0["partner_ref"]?.stringValue == "acme" } && !own.isEmpty)
            let theirs = try await Self.rows(api, token: globex)
            #expect(theirs.allSatisfy { $0["partner_ref"]?.stringValue == "globex" })
        }
    }

    /// Refused calls, another account's and repeated ones change nothing, and write nothing.
    @Test(arguments: [
        (HTTPRequest.Method.post, "/templates", #"{"name": "t", "subject": "s", "text": "x"}"#, true),
        (.put, "/templates/t", #"{"subject": "s", "text": "x"}"#, true), (.put, "/templates/t", #"{"subject": "s", "text": "y"}"#, false),
        (.delete, "/templates/t", "", false), (.post, "/suppressions", #"{"address": "JANE@customer.example"}"#, true),
        (.delete, "/suppressions/{suppression}", "", false), (.post, "/suppressions", #"{"address": "x"}"#, true),
        (.put, "/callback-endpoints/{endpoint}", #"{"active": true}"#, true),
        (.put, "/callback-endpoints/{endpoint}", #"{"active": false}"#, false), (.delete, "/callback-endpoints/{endpoint}", "", false),
        (.post, "/callback-endpoints", #"{"url": "https://hooks.example.com/a"}"#, true),
        (.delete, "/senders/ann@mail.example", "", false), (.post, "/senders", #"{"email": "ann@mail.example"}"#, false),
        (.post, "/suppressions/import", "address\njane@customer.example\n", true),
    ])
    func whatChangesNothingWritesNothing(_ method: HTTPRequest.Method, _ uri: String, _ body: String, isOwner: Bool) async throws {
        try await withAPI { api in
            let (acme, globex) = (try await api.token(), try await api.token(of: "globex"))
            _ = try await api.send(.post, "/templates", token: acme, body: #"{"name": "t", "subject": "s", "text": "x"}"#)
            _ = try await api.send(.post, "/senders", token: acme, body: #"{"email": "ann@mail.example"}"#)
            let suppression = try await api.send(.post, "/suppressions", token: acme, body: #"{"address": "jane@customer.example"}"#)
            let endpoint = try await api.send(.post, "/callback-endpoints", token: acme, body: #"{"url": "https://hooks.example.com/a"}"#)
            let ids = [suppression, endpoint].map { $0.data["id"]?.integerValue ?? 0 }
            let uri = uri.replacing("{suppression}", with: "\(ids[0])").replacing("{endpoint}", with: "\(ids[1])")
            let before = try await Self.rows(api)
            _ = try await api.send(
                method, uri, token: isOwner ? acme : globex, body: body.isEmpty ? nil : body,
                type: uri.hasSuffix("import") ? "text/csv" : "application/json")
            #expect(try await Self.rows(api) == before)
        }
    }

    @Test func anApprovalIsTheMasters() async throws {
        try await withAPI { api in
            let token = try await api.token()
            api.identities.answer(identity: .success, dkim: .success)
            // SES knows the address from another account: it waits for the master.
            _ = try await api.send(.post, "/senders", token: token, body: #"{"email": "ann@mail.example"}"#)
            #expect(try await api.send(.post, "/senders/ann@mail.example/approve").status == 200)
            let row = try #require(try await Self.rows(api).first)
            #expect(row["action"]?.stringValue == "sender.approve" && row["actor"]?.objectValue?["kind"]?.stringValue == "master")
            #expect(row["before"]?.objectValue?["status"]?.stringValue == "REQUESTED")
            #expect(row["after"]?.objectValue?["status"]?.stringValue == "VERIFIED")
        }
    }

    @Test func anImportIsOneRowOfAnyLength() async throws {
        try await withAPI { api in
            let token = try await api.token()
            let file = "address\n" + (0..<1200).map { "r\($0)@customer.example\n" }.joined() + "r7@customer.example\nnone\n"
            _ = try await api.send(.post, "/suppressions/import", token: token, body: file, type: "text/csv")
            let rows = try await Self.rows(api, "?action=suppression", token: token)
            #expect(rows.count == 1)
            let after = rows.first?["after"]?.objectValue
            #expect(
                after?["imported"]?.integerValue == 1200 && after?["duplicates"]?.integerValue == 1 && after?["rejected"]?.integerValue == 1
            )
            #expect(after?["complete"]?.boolValue == true)
        }
    }

    @Test func filtersPagesAndTheLinkToTheNextOne() async throws {
        try await withAPI { api in
            let token = try await api.token()
            for name in ["a", "b", "c"] {
                _ = try await api.send(.post, "/templates", token: token, body: #"{"name": "\#(name)", "subject": "s", "text": "x"}"#)
            }
            _ = try await api.send(.post, "/suppressions", token: token, body: #"{"address": "jane@customer.example"}"#)
            #expect(try await Self.targets(api, "?action=template.create&target=template:b", token: token) == ["template:b"])
            #expect(try await Self.targets(api, "?target=recipient:Jane@customer.example", token: token).count == 1)
            #expect(try await Self.targets(api, "?actor=master&action=template", token: token) == [])
            #expect(try await Self.targets(api, "?until=2020-01-01", token: token) == [])
            #expect(try await Self.targets(api, "?since=2026-06-15&until=2026-06-15&action=template", token: token).count == 3)
            #expect(try await Self.targets(api, "?partner_ref=acme&action=template").count == 3)
            var uri: String? = "/audit?action=template&limit=2"
            var pages: [[String]] = []
            while let next = uri {
                let answer = try await api.send(.get, next, token: token)
                pages.append((answer.json?.arrayValue ?? []).compactMap { $0.objectValue?["target"]?.stringValue })
                uri = answer.headers[.link].map { String($0.dropFirst().prefix { $0 != ">" }) }
                if let link = answer.headers[.link] { #expect(link.hasSuffix(">; rel=\"next\"")) }
            }
            #expect(pages == [["template:c", "template:b"], ["template:a"]])
        }
    }

    @Test(arguments: [
        "actor=Ann", "action=domains", "target=planet", "since=yesterday", "until=x", "limit=0", "after=x", "format=xml", "who=x",
    ])
    func wrongFilters(_ query: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, "/audit?\(query)")
            #expect(answer.status == 422 && answer.detail?.hasPrefix(String(query.prefix { $0 != "=" })) == true, "\(answer.text)")
        }
    }

    @Test func access() async throws {
        try await withAPI { api in
            let (acme, globex) = (try await api.token(), try await api.token(of: "globex"))
            _ = try await api.send(.post, "/templates", token: acme, body: #"{"name": "t", "subject": "s", "text": "x"}"#)
            #expect(try await Self.targets(api, token: globex).contains("template:t") == false)
            #expect(try await api.send(.get, "/audit?partner_ref=acme", token: globex).status == 404)
            #expect(try await api.send(.get, "/audit", token: try await api.token(scopes: [.read, .send])).status == 403)
            #expect(try await api.send(.get, "/audit", token: "").status == 401)
        }
    }

    @Test func asATable() async throws {
        try await withAPI { api in
            let token = try await api.token()
            _ = try await api.send(.post, "/templates", token: token, body: #"{"name": "t", "subject": "=1+1", "text": "x"}"#)
            let lines = try await api.send(.get, "/audit?format=csv&action=template", token: token).text.split(separator: "\r\n")
            #expect(lines.first == "id,at,actor_kind,actor_id,actor_name,address,action,target,partner_ref,before,after")
            #expect(lines.count == 2 && lines.last?.contains(",template.create,template:t,acme,,") == true)
        }
    }

    private static func rows(_ api: APIHarness, _ query: String = "", token: String = APIHarness.master) async throws -> [JSONObject] {
        let answer = try await api.send(.get, "/audit" + query + (query.isEmpty ? "?" : "&") + "limit=1000", token: token)
        return (answer.json?.arrayValue ?? []).compactMap(\.objectValue)
    }

    private static func targets(_ api: APIHarness, _ query: String = "", token: String = APIHarness.master) async throws -> [String] {
        try await rows(api, query, token: token).compactMap { $0["target"]?.stringValue }
    }
}

/// Bare arrays lead to their next page (specification 13.1).
@Suite(.timeLimit(.minutes(1)))
struct LinkTests {
    @Test(arguments: ["/domains", "/api-keys", "/accounts"])
    func everyPageLeadsToTheNext(_ path: String) async throws {
        try await withAPI { api in
            for number in 0..<5 {
                _ = try await api.send(.post, "/domains", body: #"{"name": "d\#(number).example", "partner_ref": "a&b \#(number)"}"#)
                _ = try await api.token(of: "a&b \(number)")
            }
            let all = try await api.send(.get, path)
            #expect(all.headers[.link] == nil && all.json?.arrayValue?.count == 5)
            #expect(try await api.send(.get, path + "?limit=5").headers[.link] == nil)
            var found: [JSONValue] = []
            var uri: String? = path + "?limit=2"
            while let next = uri {
                let answer = try await api.send(.get, next)
                found += answer.json?.arrayValue ?? []
                uri = answer.headers[.link].map { String($0.dropFirst().prefix { $0 != ">" }) }
            }
            #expect(found == all.json?.arrayValue)
        }
    }
}
