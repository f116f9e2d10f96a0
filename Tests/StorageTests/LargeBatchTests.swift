import MailModel
import Storage
import TestSupport
import Testing

/// Batches whose commands add up to more than one statement may hold.
@Suite(.timeLimit(.minutes(3)))
struct LargeBatchTests {
    private static func address(_ number: Int) -> EmailAddress {
        EmailAddress(validated: "r\(number)@customer.example")
    }

    /// A statement of PostgreSQL has at most 65,535 parameters, and a recipient with its account takes two.
    ///
    /// The intents of a batch add up: here one command has all of them.
    @Test func aBatchMayHaveTwentyThousandRecipients() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            try await store.write {
                try $0.suppressions.insert(Self.address(19_999), accountID: domain.accountID, reason: .manual, note: nil)
            }
            let recipients = (0..<20_000).map(Self.address)
            let suppressed = try await store.write(.emails(of: domain.name, to: recipients)) { tx in
                try recipients.filter {
                    try tx.suppressions.isSuppressed($0, accountID: domain.accountID, sender: EmailAddress(validated: "a@shop.example"))
                }
            }
            #expect(suppressed == [Self.address(19_999)])
        }
    }

    @Test func thousandsOfEmailsAreClaimedAtOnce() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            try await store.write { tx in
                for number in 0..<3000 {
                    try tx.emails.insert(.test(of: domain, at: tx.now) { $0.recipient = Self.address(number) }, dueAt: tx.now)
                }
            }
            let claimed = try await store.write { try TestClaim(limit: 5000).run(in: $0) }
            #expect(Set(claimed.map(\.recipient)).count == 3000)
        }
    }
}
