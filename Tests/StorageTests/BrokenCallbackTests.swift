import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// A callback whose row cannot be read does not hold up the others.
@Suite(.timeLimit(.minutes(1)))
struct BrokenCallbackTests {
    private let clock = TestClock()

    @Test(arguments: ["attempts = '{'", "event = 'x'", "status = 'tomorrow'"])
    func aDamagedRowIsParkedAndTheOthersAreClaimed(_ damage: String) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example")
            var ids: [EmailID] = []
            for _ in 0..<3 {
                let email = Email.test(of: domain, at: clock.now) { $0.content.callbacks = ["https://c.example/hook"] }
                try await store.write { tx in
                    try tx.emails.insert(email, dueAt: nil)
                    try tx.emails.recordEvent(on: email.id, TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
                }
                ids.append(email.id)
                clock.advance(by: .milliseconds(1))
            }
            _ = try await store.database.write { [ids] in
                try $0.execute("UPDATE callback_deliveries SET \(damage) WHERE email_id = ?1", [.id(ids[0])])
            }
            let claimed = try await store.write { tx in
                try tx.callbacks.claim(CallbackClaimRules(owner: "node"), limit: 64, underWay: [:])
            }
            #expect(claimed.claims.compactMap(\.delivery.emailID) == [ids[1], ids[2]])
            let parked = try await store.read {
                try $0.callbacks.list(of: domain.accountID, status: .parked, after: nil, limit: 10)
            }
            #expect(parked.map(\.id.description) == claimed.unreadable.map(\.id) && claimed.unreadable.count == 1)
            #expect(parked.first?.attempts.first?.error == "The stored callback could not be read.")
        }
    }
}
