import MailModel
import TestSupport
import Testing

@testable import Storage

/// What a transaction knows of lists follows its own changes.
@Suite(.timeLimit(.minutes(1)))
struct SuppressionCacheTests {
    private let address = EmailAddress(validated: "b@customer.example")

    /// The ways in which the first entry of an account comes.
    enum Addition: CaseIterable {
        case byHand, byFeedback

        func add(_ address: EmailAddress, to accountID: Int64, in tx: Transaction) throws {
            switch self {
            case .byHand:
                let entry = SuppressionEntry(address: address, sender: nil, reason: .manual, note: nil)
                try tx.suppressions.insert(entry, accountID: accountID, source: .feedback)
            case .byFeedback: try tx.suppressions.insert(address, accountID: accountID, reason: .complaint, note: nil)
            }
        }
    }

    @Test(arguments: Addition.allCases)
    func `the first entry of an account is seen at once, and its end too`(addition: Addition) async throws {
        try await withCountedStore { store, _ in
            let domain = try await store.makeDomain("a.example")
            let sender = EmailAddress(validated: "a@a.example")
            let seen = try await store.write { [address] tx in
                let isSuppressed = { try tx.suppressions.isSuppressed(address, accountID: domain.accountID, sender: sender) }
                var seen = [try isSuppressed()]
                try addition.add(address, to: domain.accountID, in: tx)
                seen.append(try isSuppressed())
                let found = try #require(try tx.suppressions.find(address, sender: nil, accountID: domain.accountID))
                _ = try tx.suppressions.delete(found.id, of: nil)
                seen.append(try isSuppressed())
                return seen
            }
            #expect(seen == [false, true, false])
        }
    }

    /// An email more costs no look-up more where its account has no entries.
    @Test(
        .enabled(if: TestEngine.chosen == .sqlite, "where several transactions write, a batch reads the entries of its recipients together")
    )
    func `an account without entries is asked about once in a batch`() async throws {
        try await withCountedStore { store, database in
            let domain = try await store.makeDomain("a.example")
            var costs: [Int] = []
            for count in [2, 64] {
                costs.append(
                    try await database.statements {
                        try await store.write { tx in
                            let recipients = (0..<count).map { EmailAddress(validated: "r\($0)@customer.example") }
                            let intents = recipients.map { WriteIntent.emails(of: domain.name, to: [$0]) }
                            try tx.prepare(for: intents)
                            for recipient in recipients {
                                let sender = EmailAddress(validated: "a@a.example")
                                #expect(try !tx.suppressions.isSuppressed(recipient, accountID: domain.accountID, sender: sender))
                            }
                        }
                    })
            }
            #expect(costs[0] == costs[1])
        }
    }
}
