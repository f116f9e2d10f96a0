import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(1)))
struct IdempotencyKeyTests {
    private static let day = Duration.seconds(86_400)

    private static func answer(at time: Timestamp) -> FirstAnswer {
        let copies = [EmailID(at: time): EmailStatus.queued, EmailID(at: time): .blacklisted]
        return FirstAnswer(
            emailID: EmailID(at: time), status: .scheduled, copies: copies, note: "cc: \"Zoë\"\n", transactionID: "00ff", time: time)
    }

    @Test func theFirstAnswerIsStored() async throws {
        let clock = TestClock()
        let answer = Self.answer(at: clock.now)
        let plain = FirstAnswer(emailID: answer.emailID, status: .queued, note: nil, transactionID: "", time: clock.now)
        try await withStore(clock: clock) { store in
            for (key, answer) in [("a", answer), ("b", plain)] {
                let (isNew, isNewAgain) = try await store.write { tx in
                    let isNew = try tx.idempotencyKeys.insert(key, accountID: 1, fingerprint: [1], answer: answer, within: Self.day)
                    return (isNew, try tx.idempotencyKeys.insert(key, accountID: 1, fingerprint: [2], answer: answer, within: Self.day))
                }
                #expect(isNew && !isNewAgain)
                let use = try await store.write { try $0.idempotencyKeys.find(key, accountID: 1, within: Self.day) }
                #expect(use == IdempotencyKeyUse(fingerprint: [1], emailID: answer.emailID, answer: answer))
            }
            clock.advance(by: Self.day)
            #expect(try await store.write { try $0.idempotencyKeys.find("a", accountID: 1, within: Self.day) } == nil)
        }
    }

    /// Nodes of the previous version run on the same schema: they write no answer, or leave that of the key's earlier use.
    @Test(arguments: [true, false])
    func aKeyOfThePreviousVersionHasNoAnswer(wasUsedBefore: Bool) async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            if wasUsedBefore {
                let answer = Self.answer(at: clock.now)
                _ = try await store.write {
                    try $0.idempotencyKeys.insert("a", accountID: 1, fingerprint: [1], answer: answer, within: Self.day)
                }
            }
            let email = EmailID(at: clock.now)
            let now = clock.now
            _ = try await store.database.write { transaction in
                try transaction.execute(
                    """
                    INSERT INTO idempotency_keys (account_id, key, fingerprint, email_id, created_at) VALUES (1, 'a', ?1, ?2, ?3)
                    ON CONFLICT (account_id, key) DO UPDATE SET fingerprint = ?1, email_id = ?2, created_at = ?3
                    """, [.blob([2]), .id(email), .timestamp(now)])
            }
            let use = try await store.write { try $0.idempotencyKeys.find("a", accountID: 1, within: Self.day) }
            #expect(use == IdempotencyKeyUse(fingerprint: [2], emailID: email, answer: nil))
        }
    }

    @Test(arguments: ["", "{}", #"{"id":"x","status":"QUEUED","transaction":"t","at":1}"#])
    func anAnswerThatCannotBeReadIsMalformed(text: String) {
        #expect(throws: StorageError.self) { try FirstAnswer(stored: text) }
    }
}
