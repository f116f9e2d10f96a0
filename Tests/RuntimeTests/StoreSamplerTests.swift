import Logging
import MailModel
import Metering
import Storage
import TestSupport
import Testing

@testable import Runtime

@Suite(.timeLimit(.minutes(1)))
struct StoreSamplerTests {
    private let clock = TestClock()

    private func value(_ name: String, in sampler: StoreSampler) -> Double? {
        sampler.samples().first { $0.name == name }?.value
    }

    @Test func `samples are those of the last round`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example") { $0.outbound.status = .suspended }
            try await store.write { tx in
                let email = Email(
                    id: EmailID(at: tx.now), accountID: domain.accountID, userName: "acme", operatorName: "ops", domainID: domain.id,
                    sender: EmailAddress(validated: "a@shop.example"), recipient: EmailAddress(validated: "b@customer.example"),
                    status: .queued, externalID: nil, clientID: nil, createdAt: tx.now, updatedAt: tx.now,
                    content: EmailContent(subject: "s", text: "t"))
                try tx.emails.insert(email, dueAt: tx.now)
                try tx.accounts.update(domain.accountID, status: .blocked, reason: nil)
            }
            clock.advance(by: .seconds(90))
            let sampler = StoreSampler(store: store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            #expect(value("martlet_database_up", in: sampler) == 0)
            #expect(value("martlet_emails_due", in: sampler) == nil)
            #expect(await sampler.round() == .seconds(5))
            let expected: [(String, Double)] = [
                ("martlet_database_up", 1), ("martlet_emails_due", 1), ("martlet_emails_oldest_due_age_seconds", 90),
                ("martlet_callbacks_oldest_due_age_seconds", 0), ("martlet_suspended_domains", 1), ("martlet_blocked_accounts", 1),
                ("martlet_warned_accounts", 0),
            ]
            for (name, expected) in expected { #expect(value(name, in: sampler) == expected, "\(name)") }
        }
    }

    @Test func `old samples, and those of a database that cannot be read, are left out`() async throws {
        try await withStore(clock: clock) { store in
            let sampler = StoreSampler(store: store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            _ = await sampler.round()
            clock.advance(by: .seconds(30))
            #expect(value("martlet_database_up", in: sampler) == 0)
            _ = await sampler.round()
            #expect(value("martlet_database_up", in: sampler) == 1)
            try await store.close()
            _ = await sampler.round()
            #expect(value("martlet_database_up", in: sampler) == 0)
            #expect(value("martlet_emails_due", in: sampler) == nil)
        }
    }
}
