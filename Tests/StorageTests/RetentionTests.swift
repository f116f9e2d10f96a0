import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(1)))
struct RetentionTests {
    @Test func oldRowsAreDeletedInSteps() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let id = EmailID(at: clock.now)
            let fill: @Sendable (String) async throws -> Void = { prefix in
                try await store.write { tx in
                    for number in 0..<5 {
                        _ = try tx.receipts.insert("\(prefix)\(number)")
                        try tx.unmatchedEvents.insert(messageID: prefix, kind: "Bounce", source: nil, payload: "{}")
                        _ = try tx.idempotencyKeys.insert(
                            "\(prefix)\(number)", accountID: 1, fingerprint: [1],
                            answer: FirstAnswer(emailID: id, status: .queued, note: nil, transactionID: "t", time: tx.now),
                            within: .seconds(86_400))
                    }
                }
            }
            try await fill("old")
            clock.advance(by: .seconds(31 * 86_400))
            try await fill("new")
            let delete: @Sendable () async throws -> Int = {
                try await store.write { try $0.retention.delete(RetentionPeriods(), limit: 3) }
            }
            for _ in 0..<5 { #expect(try await delete() == 3) }
            #expect(try await delete() == 0)
            let left = try await store.write { tx in
                (
                    try tx.receipts.insert("new0"), try tx.receipts.insert("old0"),
                    try tx.unmatchedEvents.drain(messageID: "new").count
                )
            }
            #expect(left == (false, true, 5))
        }
    }

    /// Emails of a domain, accepted at the present time, each with a tag, an entry in its timeline and an id of SES.
    private func makeEmails(_ count: Int, of domain: SendingDomain, dueAt: Timestamp?, in store: Store) async throws -> [EmailID] {
        try await store.write { tx in
            try (0..<count).map { _ in
                let email = Email.test(of: domain, at: tx.now) { $0.content.tags = ["spring"] }
                try tx.emails.insert(email, dueAt: dueAt)
                try tx.emails.insert(template: .test(1), of: email.id)
                try tx.emails.insert(attachments: [[1]], of: email.id)
                try tx.timeline.insert(TimelineEntry(.sent, at: tx.now), of: email.id)
                try tx.sesMessages.insert("ses-\(email.id)", of: email.id)
                return email.id
            }
        }
    }

    /// The copies share its content.
    @Test func anEmailStaysUntilItsCopiesAreSent() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let (id, copy) = try await store.write { tx in
                let copy = EmailID(at: tx.now)
                var email = Email.test(of: domain, at: tx.now)
                let id = email.id
                let copies = [EmailCopy(id: copy, address: email.recipient, kind: .bcc)]
                email.content.recipients = Recipients(to: email.recipient, copies: copies)
                try tx.emails.insert(email, dueAt: nil)
                email.id = copy
                email.copyOf = CopyOrigin(id: id, kind: .bcc)
                try tx.emails.insert(email, dueAt: tx.now)
                return (id, copy)
            }
            clock.advance(by: .seconds(40 * 86_400))
            #expect(try await store.write { try $0.emails.delete(before: $0.now, limit: 25) } == 0)
            #expect(try await store.read { try $0.emails.find(copy) }?.content.text == "t")
            _ = try await store.write { try $0.sql.execute("UPDATE emails SET due_at = NULL") }
            #expect(try await store.write { try $0.emails.delete(before: $0.now, limit: 25) } == 10)
            #expect(try await store.read { try $0.emails.find(id) } == nil)
        }
    }

    @Test func emailsAreDeletedWithAllTheirRowsUnlessTheyAreStillToBeSent() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            _ = try await makeEmails(7, of: domain, dueAt: nil, in: store)
            let open = try await makeEmails(1, of: domain, dueAt: clock.now, in: store)
            clock.advance(by: .seconds(10 * 86_400))
            let young = try await makeEmails(2, of: domain, dueAt: nil, in: store)
            var periods = RetentionPeriods()
            let delete: @Sendable (RetentionPeriods) async throws -> Int = { periods in
                try await store.write { try $0.retention.delete(periods, limit: 25) }
            }
            #expect(try await delete(periods) == 1, "Emails are kept for good by default; the version of their template is checked.")
            periods.emails = .seconds(9 * 86_400)
            #expect(try await delete(periods) == 25)
            #expect(try await delete(periods) == 10)
            #expect(try await delete(periods) == 0)
            for table in MonthlyTable.emails {
                let left = try await store.read { tx in
                    try tx.sql.query("SELECT \(table.column) FROM \(table.name)", []) { try $0.emailID(0) }
                }
                #expect(Set(left) == Set(open + young), "\(table.name)")
            }
        }
    }
}
