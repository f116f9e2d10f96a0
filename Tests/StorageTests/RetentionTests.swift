import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

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
                            "\(prefix)\(number)", accountID: 1, fingerprint: [1],
                            answer: FirstAnswer(emailID: id, status: .queued, note: nil, transactionID: "t", time: context.now),
                            within: .seconds(86_400))
                    }
                }
            }
            try await fill("old")
            clock.advance(by: .seconds(31 * 86_400))
            try await fill("new")
            let prune: @Sendable () async throws -> Int = { try await store.write { try $0.prune(RetentionPeriods(), limit: 3) } }
            for _ in 0..<5 { #expect(try await prune() == 3) }
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

    /// Emails of a domain, accepted at the present time, each with a tag, an entry in its timeline and an id of SES.
    private func makeEmails(_ count: Int, of domain: SendingDomain, dueAt: Timestamp?, in store: Store) async throws -> [EmailID] {
        try await store.write { context in
            try (0..<count).map { _ in
                let email = Email(
                    id: EmailID(at: context.now), accountID: domain.accountID, userName: "acme", operatorName: "ops", domainID: domain.id,
                    sender: EmailAddress(validated: "news@shop.example"), recipient: EmailAddress(validated: "a@customer.example"),
                    status: .queued, externalID: nil, clientID: nil, createdAt: context.now, updatedAt: context.now,
                    content: EmailContent(subject: "Hello", text: "Hello", tags: ["spring"]))
                try context.insert(email, dueAt: dueAt)
                try context.insert(attachments: [[1]], of: email.id)
                try context.append(TimelineEntry(.sent, at: context.now), to: email.id)
                try context.recordSESMessage("ses-\(email.id)", of: email.id)
                return email.id
            }
        }
    }

    /// Its copies send what it holds.
    @Test func anEmailStaysUntilItsCopiesAreSent() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let (id, copy) = try await store.write { context in
                let (id, copy) = (EmailID(at: context.now), EmailID(at: context.now))
                let address = EmailAddress(validated: "a@customer.example")
                var email = Email(
                    id: id, accountID: domain.accountID, userName: "acme", operatorName: "ops", domainID: domain.id, sender: address,
                    recipient: address, status: .queued, externalID: nil, clientID: nil, createdAt: context.now, updatedAt: context.now,
                    content: EmailContent(subject: "Hello", text: "Hello"))
                email.content.recipients = Recipients(to: address, copies: [EmailCopy(id: copy, address: address, kind: .bcc)])
                try context.insert(email, dueAt: nil)
                email.id = copy
                email.copyOf = CopyOrigin(id: id, kind: .bcc)
                try context.insert(email, dueAt: context.now)
                return (id, copy)
            }
            clock.advance(by: .seconds(40 * 86_400))
            #expect(try await store.write { try $0.pruneEmails(before: $0.now, limit: 25) } == 0)
            #expect(try await store.read { try $0.email(copy) }?.content.text == "Hello")
            _ = try await store.write { try $0.transaction.execute("UPDATE emails SET due_at = NULL") }
            #expect(try await store.write { try $0.pruneEmails(before: $0.now, limit: 25) } == 10)
            #expect(try await store.read { try $0.email(id) } == nil)
        }
    }

    @Test func emailsGoWithAllThatBelongsToThemUnlessTheyAreStillToBeSent() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            _ = try await makeEmails(7, of: domain, dueAt: nil, in: store)
            let open = try await makeEmails(1, of: domain, dueAt: clock.now, in: store)
            clock.advance(by: .seconds(10 * 86_400))
            let young = try await makeEmails(2, of: domain, dueAt: nil, in: store)
            var periods = RetentionPeriods()
            let prune: @Sendable (RetentionPeriods) async throws -> Int = { periods in
                try await store.write { try $0.prune(periods, limit: 25) }
            }
            #expect(try await prune(periods) == 0, "They are kept for good.")
            periods.emails = .seconds(9 * 86_400)
            #expect(try await prune(periods) == 25)
            #expect(try await prune(periods) == 10)
            #expect(try await prune(periods) == 0)
            for table in MonthlyTable.emails {
                let left = try await store.read { context in
                    try context.transaction.query("SELECT \(table.column) FROM \(table.name)", []) { try $0.emailID(0) }
                }
                #expect(Set(left) == Set(open + young), "\(table.name)")
            }
        }
    }
}
