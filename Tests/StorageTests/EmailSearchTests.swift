import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(2)))
struct EmailSearchTests {
    /// Every filter by itself, in an order that pairs are made of.
    private static let filters: [@Sendable (inout EmailFilter) -> Void] = [
        { $0.status = .queued }, { $0.status = .delivered }, { $0.status = .bouncedPermanent },
        { $0.recipient = EmailAddress(validated: "r1@example.org") }, { $0.sender = EmailAddress(validated: "news@shop1.example") },
        { $0.externalID = "campaign-1" }, { $0.clientID = "client-1" }, { $0.tag = "tag-1" },
        { $0.since = Timestamp(milliseconds: 1_781_524_800_020) }, { $0.until = Timestamp(milliseconds: 1_781_524_800_070) },
    ]

    /// No filter, each alone, and all pairs.
    private static let combinations: [EmailFilter] = {
        var found = [EmailFilter()]
        for (index, first) in filters.enumerated() {
            for second in filters[index...] {
                var filter = EmailFilter()
                first(&filter)
                second(&filter)
                found.append(filter)
            }
        }
        return found
    }()

    @Test func `searches find what they should, page by page`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let emails = try await makeEmails(100, in: store, clock)
            for filter in Self.combinations {
                for account in [1, 2, nil] as [Int64?] {
                    let expected = emails.filter { matches($0, filter) && (account == nil || $0.accountID == account) }
                    let found = try await store.read { try $0.emails.page(matching: filter, of: account, after: nil, limit: 1000).emails }
                    #expect(found.map(\.id) == expected.map(\.id).sorted(by: >), "\(filter)")
                    var paged: [EmailID] = []
                    repeat {
                        let last = paged.last
                        let page = try await store.read { try $0.emails.page(matching: filter, of: account, after: last, limit: 7).emails }
                        paged += page.map(\.id)
                        if page.count < 7 { break }
                    } while true
                    #expect(paged == found.map(\.id), "\(filter)")
                }
            }
        }
    }

    /// Emails of two accounts and three domains, with a few variants of each property.
    private func makeEmails(_ count: Int, in store: Store, _ clock: TestClock) async throws -> [Email] {
        var generator = SeededGenerator(seed: 5)
        let domains = try await [
            store.makeDomain("shop1.example", account: "one"), store.makeDomain("shop2.example", account: "two"),
            store.makeDomain("shop3.example", account: "one"),
        ]
        var emails: [Email] = []
        for _ in 0..<count {
            let domain = domains.randomElement(using: &generator) ?? domains[0]
            let status: EmailStatus =
                [.queued, .delivered, .bouncedPermanent, .sent, .dequeued].randomElement(using: &generator) ?? .queued
            var email = Email(
                id: EmailID(at: clock.now, using: &generator), accountID: domain.accountID, userName: "one", operatorName: "ops",
                domainID: domain.id,
                sender: EmailAddress(validated: "news@\(domain.name)"),
                recipient: EmailAddress(validated: "r\(generator.next() % 3)@example.org"), status: status, externalID: nil, clientID: nil,
                createdAt: clock.now, updatedAt: clock.now, content: EmailContent(subject: "Hello", text: "Hello"))
            if generator.next() % 2 == 0 { email.externalID = "campaign-\(generator.next() % 2)" }
            if generator.next() % 2 == 0 { email.clientID = "client-\(generator.next() % 2)" }
            if generator.next() % 2 == 0 { email.content.tags = ["tag-1", "tag-2"] }
            let made = email
            try await store.write { try $0.emails.insert(made, dueAt: made.status == .queued ? $0.now : nil) }
            emails.append(email)
            clock.advance(by: .milliseconds(1))
        }
        return emails
    }

    private func matches(_ email: Email, _ filter: EmailFilter) -> Bool {
        (filter.status == nil || email.status == filter.status) && (filter.recipient == nil || email.recipient == filter.recipient)
            && (filter.sender == nil || email.sender == filter.sender)
            && (filter.externalID == nil || email.externalID == filter.externalID)
            && (filter.clientID == nil || email.clientID == filter.clientID)
            && (filter.tag.map(email.content.tags.contains) ?? true) && (filter.since.map { email.createdAt >= $0 } ?? true)
            && (filter.until.map { email.createdAt < $0 } ?? true)
    }
}
