import Foundation
import Hummingbird
import HummingbirdTesting
import JSON
import MartletClient
import NIOCore
import Storage
import Synchronization
import TestSupport
import Testing

/// The Swift client, against the API on a port.
@Suite(.timeLimit(.minutes(1)))
struct ClientTests {
    private func withClient(_ body: @escaping @Sendable (MartletAPI, APIHarness) async throws -> Void) async throws {
        try await withAPI(.live) { api in
            _ = try await api.store.makeDomain("shop.example")
            let port = try #require(api.client.port)
            try await body(MartletAPI(url: "http://127.0.0.1:\(port)/", token: APIHarness.master), api)
        }
    }

    private func email(_ number: Int = 1) -> NewEmail {
        var email = NewEmail(from: "news@shop.example", to: "a\(number)@customer.example", subject: "Hello", text: "An offer: 10 / 2 €")
        email.externalID = "spring"
        email.variables = nil
        return email
    }

    @Test func anEmailIsSentAndFound() async throws {
        try await withClient { martlet, _ in
            let sent = try await martlet.send(email(), idempotencyKey: "key-1")
            #expect(sent.status == .queued && sent.to == "a1@customer.example" && sent.externalID == "spring" && sent.sendAt == nil)
            #expect(try await martlet.send(email(), idempotencyKey: "key-1").id == sent.id)
            let found = try await martlet.email(sent.id)
            #expect(found.text == "An offer: 10 / 2 €" && found.timeline.map(\.status) == [.queued])
            #expect(abs(found.createdAt.timeIntervalSince(found.timeline[0].at)) < 1)
            let late = await #expect(throws: ServerRefusal.self) { try await martlet.cancel(sent.id) }
            #expect(late?.status == 409 && late?.emailStatus == .queued)
        }
    }

    @Test func listsAreReadPageByPage() async throws {
        try await withClient { martlet, api in
            var ids: [String] = []
            for number in 0..<5 { ids.append(try await martlet.send(email(number)).id) }
            var listed: [String] = []
            for try await email in martlet.emails(EmailFilter(externalID: "spring"), pageSize: 2) { listed.append(email.id) }
            // Those of one millisecond have no order among them.
            #expect(listed == ids.sorted(by: >))
            for name in ["b.example", "c.example"] { #expect(try await martlet.createDomain(name).name == name) }
            var names: [String] = []
            for try await domain in martlet.domains(pageSize: 1) { names.append(domain.name) }
            #expect(names == ["c.example", "b.example", "shop.example"])
            #expect(try await martlet.outbound(of: "shop.example").sentToday == 5)
        }
    }

    @Test func addressesAreSuppressedAndLifted() async throws {
        try await withClient { martlet, api in
            let owner = MartletAPI(url: martlet.url, token: try await api.token())
            let entry = try await owner.suppress("former@customer.example", note: "has left")
            #expect(entry.address == "former@customer.example" && entry.note == "has left")
            var found: [Int64] = []
            for try await entry in owner.suppressions(pageSize: 1) { found.append(entry.id) }
            #expect(found == [entry.id])
            try await owner.liftSuppression(entry.id)
            await #expect(throws: ServerRefusal.self) { try await owner.liftSuppression(entry.id) }
        }
    }

    /// Both forms of errors.
    @Test func refusalsSayWhatIsWrong() async throws {
        try await withClient { martlet, _ in
            var wrong = email()
            wrong.to = "nobody"
            let refusal = await #expect(throws: ServerRefusal.self) { try await martlet.send(wrong) }
            #expect(refusal?.status == 422 && refusal?.errors.map(\.field) == ["to"] && refusal?.explanation.hasPrefix("to: ") == true)
            let none = await #expect(throws: ServerRefusal.self) { try await martlet.outbound(of: "absent.example") }
            #expect(none?.status == 404 && none?.code == "not_found")
            let stranger = MartletAPI(url: martlet.url, token: "wrong")
            let unknown = await #expect(throws: ServerRefusal.self) { try await stranger.email("x") }
            #expect(unknown?.status == 401)
        }
    }

    /// A busy server gets the same request again, under the same key.
    @Test func aBusyServerIsAskedAgain() async throws {
        let keys = Mutex<[String]>([])
        let router = Router()
        router.post("emails") { request, _ -> Response in
            let calls = keys.withLock { keys in
                keys.append(request.headers.first { $0.name.rawName == "Idempotency-Key" }?.value ?? "none")
                return keys.count
            }
            guard calls == 3 else { return Response(status: .serviceUnavailable, headers: [.retryAfter: "0"]) }
            let body = #"{"meta": {}, "data": {"id": "1", "to": "a@b.example", "from": "c@d.example", "status": "QUEUED", "subject": "s"}}"#
            return Response(status: .accepted, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
        }
        try await Application(router: router).test(.live) { server in
            let port = try #require(server.port)
            let sent = try await MartletAPI(url: "http://127.0.0.1:\(port)", token: "t").send(email())
            #expect(sent.id == "1")
        }
        keys.withLock { keys in
            #expect(keys.count == 3 && Set(keys).count == 1 && keys[0] != "none")
        }
    }
}
