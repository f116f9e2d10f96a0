import MailModel
import Storage
import TestSupport
import Testing

/// The latest refused sends of accounts.
@Suite(.timeLimit(.minutes(1)))
struct RefusalStorageTests {
    private let clock = TestClock()

    private func refusals(_ count: Int, of account: Int64?, from first: Int64 = 0) -> [RefusedSend] {
        (0..<count).map { number in
            RefusedSend(
                id: RefusalID(at: clock.now, sequence: first + Int64(number)), accountID: account, keyName: "Ann",
                recipient: number.isMultiple(of: 2) ? "r\(number)@example.org" : nil, sender: "news@shop.example", httpStatus: 403,
                code: "domain_not_verified", explanation: "from: \(first + Int64(number))")
        }
    }

    @Test func `stored as they are, newest first, by account`() async throws {
        try await withStore(clock: clock) { store in
            let (own, other, master) = (refusals(3, of: 7), refusals(2, of: 8, from: 10), refusals(1, of: nil, from: 20))
            try await store.insert(own + other + master)
            #expect(try await store.read { try $0.refusals.list(of: 7, after: nil, limit: 10) } == own.reversed())
            #expect(try await store.read { try $0.refusals.list(of: 7, after: own[2].id, limit: 1) } == [own[1]])
            #expect(try await store.read { try $0.refusals.list(of: nil, after: nil, limit: 10) }.count == 6)
            #expect(try await store.read { try $0.refusals.list(of: nil, after: nil, limit: 1) } == master)
            #expect(own[0].at == clock.now)
        }
    }

    @Test func `a thousand of an account are kept, for seven days`() async throws {
        try await withStore(clock: clock) { store in
            try await store.insert(refusals(2, of: 8))
            for step in 0..<3 { try await store.insert(refusals(400, of: 7, from: Int64(step) * 400)) }
            let kept = try await store.read { try $0.refusals.list(of: 7, after: nil, limit: 2000) }
            #expect(kept.count == 1000 && kept.first?.explanation == "from: 1199" && kept.last?.explanation == "from: 200")
            #expect(try await store.read { try $0.refusals.list(of: 8, after: nil, limit: 10) }.count == 2)
            clock.advance(by: .seconds(7 * 86_400))
            #expect(try await store.write { try $0.retention.delete(RetentionPeriods(), limit: 5000) } == 0)
            clock.advance(by: .milliseconds(1))
            #expect(try await store.write { try $0.retention.delete(RetentionPeriods(), limit: 900) } == 900)
            #expect(try await store.write { try $0.retention.delete(RetentionPeriods(), limit: 900) } == 102)
        }
    }
}
