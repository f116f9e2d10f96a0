import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// A callback whose row cannot be read stops no other.
@Suite(.timeLimit(.minutes(1)))
struct BrokenCallbackTests {
    private let clock = TestClock()

    @Test(arguments: ["attempts = '{'", "event = 'x'", "status = 'tomorrow'"])
    func aDamagedRowIsParkedAndTheOthersGo(_ damage: String) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example")
            var ids: [EmailID] = []
            for _ in 0..<3 {
                let email = Email(
                    id: EmailID(at: clock.now), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
                    sender: EmailAddress(validated: "a@acme.example"), recipient: EmailAddress(validated: "b@customer.example"),
                    status: .queued, externalID: nil, clientID: nil, createdAt: clock.now, updatedAt: clock.now,
                    content: EmailContent(subject: "s", text: "t", callbacks: ["https://c.example/hook"]))
                try await store.write { context in
                    try context.insert(email, dueAt: nil)
                    try context.recordEvent(on: email.id, TimelineEntry(.sent, at: context.now), status: .sent, settles: true)
                }
                ids.append(email.id)
                clock.advance(by: .milliseconds(1))
            }
            _ = try await store.database.write { [ids] in
                try $0.execute("UPDATE callback_deliveries SET \(damage) WHERE email_id = ?1", [.id(ids[0])])
            }
            let (claims, unreadable) = try await store.write { context in
                let claims = try context.claimCallbacks(CallbackClaimRules(owner: "node"), limit: 64, underWay: [:])
                return (claims, context.unreadableCallbacks)
            }
            #expect(claims.compactMap(\.delivery.emailID) == [ids[1], ids[2]])
            let parked = try await store.read {
                try $0.callbackDeliveries(of: domain.accountID, status: .parked, after: nil, limit: 10)
            }
            #expect(parked.map(\.id.description) == unreadable.map(\.id) && unreadable.count == 1)
            #expect(parked.first?.attempts.first?.error == "The stored callback could not be read.")
        }
    }
}
