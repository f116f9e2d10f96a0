import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

/// Whose a domain is, as two accounts and the master see it.
@Suite(.timeLimit(.minutes(1)))
struct OwnershipTests {
    private func records(_ answer: Answer) -> [JSONObject] {
        answer.object["dns_records"]?.arrayValue?.compactMap(\.objectValue) ?? []
    }

    @Test func `A plain claim is created as documented, and shows as pending`() async throws {
        try await withAPI { api in
            let token = try await api.token(of: "acme")
            let created = try await api.send(.post, "/domains", token: token, body: #"{"name": "shop.example"}"#)
            #expect(created.status == 201 && created.object.names == ["id", "name", "created_at"])
            let shown = try await api.send(.get, "/domains/shop.example", token: token).object
            #expect(shown["ownership"]?.stringValue == "pending" && shown["ses_verified"] == .bool(false))
            let listed = try await api.send(.get, "/domains", token: token).json?.arrayValue?.first?.objectValue
            #expect(listed?["ownership"]?.stringValue == "pending")
            #expect(records(try await api.send(.post, "/domains/shop.example/ses-verify", token: token)).count == 4)
        }
    }

    @Test func `The second claim on a name has a fifth record, and the master approves it`() async throws {
        try await withAPI { api in
            let owner = try await api.token(of: "owner")
            _ = try await api.store.makeDomain("shop.example", account: "owner")
            let token = try await api.token(of: "acme")
            let created = try await api.send(.post, "/domains", token: token, body: #"{"name": "shop.example"}"#)
            #expect(created.status == 201 && created.object["ownership"]?.stringValue == "pending")
            let again = try await api.send(.post, "/domains", token: token, body: #"{"name": "shop.example"}"#)
            #expect(again.status == 400 && again.detail == "Domain already exists")
            let proof = try #require(records(try await api.send(.post, "/domains/shop.example/ses-verify", token: token)).last)
            let name = try #require(proof["name"]?.stringValue)
            #expect(name == "_martlet.shop.example" && proof["type"]?.stringValue == "TXT")
            let check = try await api.send(.get, "/domains/shop.example/dns-check", token: token).object["records"]?.arrayValue ?? []
            #expect(check.contains { $0.objectValue?["purpose"]?.stringValue == "ownership" })

            api.records.set(try #require(proof["value"]?.stringValue), for: name)
            api.identities.answer(identity: .success, dkim: .success)
            let status = try await api.send(.get, "/domains/shop.example/ses-status", token: token).object
            #expect(status["ses_verified"] == .bool(false) && status["verification_status"]?.stringValue == "Success")
            #expect(try await api.send(.get, "/domains/shop.example", token: token).object["ownership"]?.stringValue == "review")

            #expect(try await api.send(.get, "/domains/shop.example").object["ownership"]?.stringValue == "proven")
            let meant = try await api.send(.get, "/domains/shop.example?partner_ref=acme").object
            #expect(meant["ownership"]?.stringValue == "review")
            #expect(try await api.send(.get, "/domains/shop.example?partner_ref=nobody").status == 404)
            #expect(try await api.send(.get, "/domains/shop.example?partner_ref=acme", token: token).status == 403)

            #expect(try await api.send(.post, "/domains/shop.example/approve", token: token).status == 403)
            let approved = try await api.send(.post, "/domains/shop.example/approve")
            #expect(approved.object["ownership"]?.stringValue == "proven" && approved.object["ses_verified"] == .bool(true))
            #expect(try await api.send(.get, "/domains/shop.example", token: owner).status == 404)
            #expect(try await api.send(.post, "/domains/none.example/approve").status == 404)
            let audited = try await api.store.read { try $0.audit.list(matching: AuditFilter(), of: nil, after: nil, limit: 100) }
            #expect(audited.contains { $0.action == AuditAction.domainApprove.rawValue && $0.actor.kind == .master })
        }
    }

    @Test(arguments: ["com.br", "co.uk", "mail.shop.example"])
    func `Names that cannot be the client's own are 403`(name: String) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("shop.example", account: "owner")
            let refused = try await api.send(.post, "/domains", token: try await api.token(of: "acme"), body: #"{"name": "\#(name)"}"#)
            #expect(refused.status == 403 && refused.object["code"]?.stringValue == "name_not_allowed")
            #expect(try await api.send(.post, "/domains", body: #"{"name": "\#(name)", "partner_ref": "acme"}"#).status == 201)
        }
    }

    @Test func `Too many claims are 403 with their code`() async throws {
        try await withAPI { api in
            let token = try await api.token(of: "acme")
            for number in 0..<50 {
                #expect(try await api.send(.post, "/domains", token: token, body: #"{"name": "d\#(number).example"}"#).status == 201)
            }
            let refused = try await api.send(.post, "/domains", token: token, body: #"{"name": "more.example"}"#)
            #expect(refused.status == 403 && refused.object["code"]?.stringValue == "pending_limit")
        }
    }
}
