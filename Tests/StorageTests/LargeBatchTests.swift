import MailModel
import Storage
import TestSupport
import Testing

/// What the commands of one batch come to together.
@Suite(.timeLimit(.minutes(3)))
struct LargeBatchTests {
    private static func address(_ number: Int) -> EmailAddress {
        EmailAddress(validated: "r\(number)@customer.example")
    }

    /// PostgreSQL takes 65,535 parameters in one statement, and a recipient with its account makes two. What commands intend adds up over a batch:
    /// here one of them stands for all.
    @Test func aBatchMayHaveTwentyThousandRecipients() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            try await store.write { try $0.suppress(Self.address(19_999), accountID: domain.accountID, reason: .manual, note: nil) }
            let recipients = (0..<20_000).map(Self.address)
            let suppressed = try await store.write(.emails(of: domain.name, to: recipients)) { context in
                try recipients.filter {
                    try context.isSuppressed($0, accountID: domain.accountID, sender: EmailAddress(validated: "a@shop.example"))
                }
            }
            #expect(suppressed == [Self.address(19_999)])
        }
    }

    /// A claim of any size.
    @Test func thousandsOfEmailsAreClaimedAtOnce() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            try await store.write { context in
                for number in 0..<3000 {
                    try context.insert(Self.email(to: Self.address(number), of: domain, at: context.now), dueAt: context.now)
                }
            }
            let claimed = try await store.write { try $0.claimEmails(owner: "node", lease: .seconds(60), grace: .zero, limit: 5000) }
            #expect(Set(claimed.map(\.recipient)).count == 3000)
        }
    }

    private static func email(to recipient: EmailAddress, of domain: SendingDomain, at time: Timestamp) -> Email {
        Email(
            id: EmailID(at: time), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
            sender: EmailAddress(validated: "a@shop.example"), recipient: recipient, status: .queued, externalID: nil, clientID: nil,
            createdAt: time, updatedAt: time, content: EmailContent(subject: "s", text: "t"))
    }
}
