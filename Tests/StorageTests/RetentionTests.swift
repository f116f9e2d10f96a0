import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RetentionTests {
    @Test func whatIsOldGoesInStepsAndWhatIsYoungStays() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let id = EmailID(at: clock.now)
            let fill: @Sendable (String) async throws -> Void = { prefix in
                try await store.write { context in
                    for number in 0..<5 {
                        _ = try context.recordReceipt("\(prefix)\(number)")
                        try context.keepUnmatchedEvent(messageID: prefix, kind: "Bounce", source: nil, payload: "{}")
                        _ = try context.keepIdempotencyKey(
                            "\(prefix)\(number)", accountID: 1, fingerprint: [1], emailID: id, within: .seconds(86_400))
                    }
                }
            }
            try await fill("old")
            clock.advance(by: .seconds(31 * 86_400))
            try await fill("new")
            let prune: @Sendable () async throws -> Int = { try await store.write { try $0.prune(RetentionPeriods(), limit: 3) } }
            #expect(try await prune() == 9)
            #expect(try await prune() == 6)
            #expect(try await prune() == 0)
            let stayed = try await store.write { context in
                (
                    try context.recordReceipt("new0"), try context.recordReceipt("old0"),
                    try context.takeUnmatchedEvents(messageID: "new").count
                )
            }
            #expect(stayed == (false, true, 5))
        }
    }
}
