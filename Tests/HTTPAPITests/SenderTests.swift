import AmazonSES
import Hummingbird
import JSON
import MailModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SenderTests {
    @Test func `an address from request to deletion`() async throws {
        try await withAPI { api in
            let token = try await api.token()
            let created = try await api.send(.post, "/senders", token: token, body: #"{"email": "Ann@Mail.example"}"#)
            #expect(created.status == 201)
            #expect(created.data.names == ["email", "status", "createdAt"])
            #expect(created.data["email"]?.stringValue == "Ann@mail.example")
            #expect(created.data["status"]?.stringValue == "PENDING")
            api.identities.answer(identity: .success, dkim: .success)
            let listed = try await api.send(.get, "/senders", token: token).object["data"]?.arrayValue
            #expect(listed?.first?.objectValue?["status"]?.stringValue == "VERIFIED")
            let sent = try await api.send(
                .post, "/emails", token: token, body: #"{"to": "a@b.example", "from": "Ann@mail.example", "text": "x", "subject": "y"}"#)
            #expect(sent.status == 202)
            let other = try await api.token(of: "other")
            #expect(try await api.send(.get, "/senders", token: other).object["data"]?.arrayValue == [])
            #expect(try await api.send(.post, "/senders", token: other, body: #"{"email": "Ann@mail.example"}"#).status == 409)
            #expect(try await api.send(.delete, "/senders/Ann@mail.example", token: other).status == 404)
            #expect(try await api.send(.delete, "/senders/Ann%40mail.example", token: token).status == 204)
            #expect(try await api.send(.delete, "/senders/Ann@mail.example", token: token).status == 404)
        }
    }

    @Test func `approval is the master's`() async throws {
        try await withAPI { api in
            let token = try await api.token()
            api.identities.answer(identity: .success, dkim: .success)
            let created = try await api.send(.post, "/senders", token: token, body: #"{"email": "a@mail.example"}"#)
            #expect(created.data["status"]?.stringValue == "REQUESTED")
            #expect(created.explain?.isEmpty == false)
            #expect(try await api.send(.post, "/senders/a@mail.example/approve", token: token).status == 403)
            let approved = try await api.send(.post, "/senders/a@mail.example/approve")
            #expect(approved.status == 200)
            #expect(approved.data["status"]?.stringValue == "VERIFIED")
            #expect(try await api.send(.post, "/senders/b@mail.example/approve").status == 404)
        }
    }

    @Test(arguments: [
        ("{}", 400), (#"{"email": 7}"#, 422), (#"{"email": "nobody"}"#, 422), (#"{"email": "a@b.example", "x": 1}"#, 422), ("", 400),
    ])
    func `bad requests`(body: String, status: Int) async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/senders", body: body)
            #expect(answer.status == status)
            #expect(answer.explain?.isEmpty == false)
        }
    }

    @Test func `an error of SES is 502 and stores nothing`() async throws {
        try await withAPI { api in
            api.identities.fail(SESError(code: "AccessDenied", message: "no", httpStatus: 403, outcome: .paused))
            let answer = try await api.send(.post, "/senders", body: #"{"email": "a@mail.example"}"#)
            #expect(answer.status == 502)
            #expect(answer.explain == "AccessDenied: no")
            api.identities.fail(nil)
            #expect(try await api.send(.get, "/senders").object["data"]?.arrayValue == [])
        }
    }

    @Test func `pages`() async throws {
        try await withAPI { api in
            for number in 1...3 { _ = try await api.send(.post, "/senders", body: #"{"email": "a\#(number)@mail.example"}"#) }
            let first = try await api.send(.get, "/senders?limit=2")
            #expect(first.meta["next"]?.stringValue == "a2@mail.example")
            let second = try await api.send(.get, "/senders?limit=2&after=a2@mail.example")
            #expect(second.object["data"]?.arrayValue?.count == 1)
            #expect(second.meta["next"] == nil)
            #expect(try await api.send(.get, "/senders?after=zzz").status == 422)
        }
    }
}
