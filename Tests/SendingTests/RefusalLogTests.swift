import Logging
import MailModel
import Storage
import TestSupport
import Testing

@testable import Sending

@Suite(.timeLimit(.minutes(1)))
struct RefusalLogTests {
    private func request(to: String = "reader@example.org", from: String = "news@shop.example", subject: String = "Hi") -> EmailRequest {
        EmailRequest(to: to, from: from, text: "hello", subject: subject)
    }

    private func refused(_ number: Int, of account: Int64) -> RefusedSend {
        RefusedSend(
            id: RefusalID(at: Timestamp(milliseconds: 1), sequence: Int64(number)), accountID: account, keyName: "k", recipient: nil,
            sender: nil, httpStatus: 422, code: "invalid_value", explanation: "\(number)")
    }

    @Test func `refusals of emails and of batches are listed with their account`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example") { $0.verification = SESVerification() }
            let account = try #require(try await store.read { try $0.accounts.find(domain.accountID) })
            let key = Principal.client(APIKey(id: 1, account: account, name: "crew", scopes: [.send], expiresAt: nil, createdAt: store.now))
            let submission = Submission(store: store, gate: Gate())
            await #expect(throws: Refusal.self) { try await submission.accept(request(to: "Eva <Eva@EXAMPLE.org>"), by: key) }
            let requests = [request(to: "no\u{0}body"), request(from: "a@foreign.example"), request(subject: "a\nb")]
            _ = await submission.accept(requests, by: key)
            await #expect(throws: Refusal.self) { try await submission.accept(request(to: "nobody"), by: .master) }

            let found = try await submission.refusals.list(by: key, after: nil, limit: 10)
            #expect(found.map(\.refusal.code) == ["invalid_value", "sender_not_allowed", "invalid_value", "domain_not_verified"])
            #expect(found.map(\.refusal.httpStatus) == [422, 403, 422, 403])
            #expect(found.allSatisfy { $0.userName == "acme" && $0.refusal.keyName == "crew" })
            #expect(found.map(\.refusal.recipient) == ["reader@example.org", "reader@example.org", "no\u{FFFD}body", "Eva@example.org"])
            #expect(
                found[1].refusal.sender == "a@foreign.example" && found[1].refusal.explanation.hasPrefix("from: foreign.example is not"))
            #expect(try await submission.refusals.list(by: .master, after: nil, limit: 10).count == 5)
            #expect(try await submission.refusals.list(by: .master, of: account.id, after: nil, limit: 10) == found)
            let master = try await submission.refusals.list(by: .master, after: nil, limit: 1)
            #expect(master.first?.userName == nil && master.first?.refusal.keyName == "master")
        }
    }

    @Test func `what is no fault of the sender is not listed, and what is accepted neither`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let submission = Submission(store: store, gate: Gate())
            _ = try await submission.accept(request(), by: .master)
            submission.refusals.record(status: 503, .unavailable, "later", recipient: nil, sender: nil, by: .master)
            #expect(try await submission.refusals.list(by: .master, after: nil, limit: 10).isEmpty)
        }
    }

    @Test func `a flood leaves the latest of each account, and a bounded number in all`() {
        var pending = PendingRefusals(perAccount: 100, most: 250)
        for number in 0..<10_000 { pending.add(refused(number, of: 1)) }
        #expect(pending.count == 100)
        pending.add(refused(1, of: 2))
        for number in 0..<10_000 { pending.add(refused(number, of: 3)) }
        for number in 0..<10_000 { pending.add(refused(number, of: 4)) }
        #expect(pending.count == 250)
        pending.add(refused(7, of: 2))
        pending.add(refused(7, of: 5))
        let drained = Dictionary(grouping: pending.drain(), by: \.accountID)
        #expect(drained.mapValues(\.count) == [1: 100, 2: 1, 3: 100, 4: 49])
        #expect(Set((drained[3] ?? []).map(\.explanation)) == Set((9900..<10_000).map(String.init)))
        #expect(drained[2]?.first?.explanation == "7")
        #expect(pending.count == 0 && pending.drain().isEmpty)
    }

    @Test func `long texts are shortened`() {
        let long = String(repeating: "é", count: 5000)
        let refused = RefusedSend(
            id: RefusalID(at: Timestamp(milliseconds: 1), sequence: 1), by: .master, recipient: long, sender: long + "\u{0}",
            httpStatus: 422,
            code: .invalidValue, explanation: long)
        #expect(refused.recipient?.count == 320 && refused.sender?.count == 320 && refused.explanation.count == 500)
    }

    @Test func `more than a thousand of one account`() async throws {
        try await withStore { store in
            let log = RefusalLog(store: store)
            for number in 0..<1200 {
                log.record(status: 422, .invalidValue, "\(number)", recipient: nil, sender: nil, by: .master)
            }
            let recorder = RefusalRecorder(log, logger: Logger(label: "test"))
            #expect(await recorder.round() == .seconds(5))
            let found = try await log.list(by: .master, after: nil, limit: 2000)
            #expect(found.map(\.refusal.explanation) == (200..<1200).reversed().map(String.init))
        }
    }
}
