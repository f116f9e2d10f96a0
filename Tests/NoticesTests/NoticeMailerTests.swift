import Logging
import MailModel
import Storage
import TestSupport
import Testing

@testable import Notices

/// What becomes of a notice in the outbox.
@Suite(.timeLimit(.minutes(1)))
struct NoticeMailerTests {
    private let clock = TestClock()
    private static let settings = NoticeSettings(sender: address("notices@mail.example"), operators: [address("ops@mail.example")])

    private static func address(_ text: String) -> EmailAddress { EmailAddress(validated: text) }

    private func mailer(_ store: Store, _ settings: NoticeSettings = settings) -> NoticeMailer {
        NoticeMailer(store: store, settings: settings, logger: Logger(label: "test"))
    }

    private struct Scene {
        let store: Store
        let domain: SendingDomain

        func contacts(_ contacts: [NoticeContact]) async throws {
            let account = domain.accountID
            try await store.write { try $0.noticeContacts.replace(contacts, of: account) }
        }

        func tell(_ event: AccountNotice.Event, level: QuotaUse.Level? = nil) async throws {
            let notice = AccountNotice(
                event, domain: event.rawValue.hasPrefix("domain.") ? domain.name : nil,
                quota: level.map { QuotaUse(period: .day, level: $0, limit: 10, sent: 8) }, explanation: "because")
            let account = domain.accountID
            try await store.write { try $0.notices.insert(notice, for: account) }
        }

        /// The emails that were enqueued, by their recipients.
        func mails() async throws -> [(to: String, email: Email)] {
            let found = try await store.read { tx -> [Email] in
                guard let system = try tx.accounts.find(reference: Account.systemReference) else { return [] }
                return try tx.emails.page(matching: EmailFilter(), of: system.id, after: nil, limit: 100).emails
            }
            return found.map { (to: $0.recipient.description, email: $0) }.sorted { $0.to < $1.to }
        }
    }

    private func withScene(_ body: (Scene) async throws -> Void) async throws {
        try await withStore(clock: clock) { store in
            try await body(Scene(store: store, domain: try await store.makeDomain("shop.example")))
        }
    }

    @Test func `A notice is mailed to those who want it, each once, in their language`() async throws {
        try await withScene { scene in
            try await scene.contacts([
                NoticeContact(Self.address("ana@shop.example"), language: .spanish),
                NoticeContact(Self.address("bea@shop.example"), events: [.accountBlocked]),
                NoticeContact(Self.address("OPS@mail.example"), events: [.domainQuota]),
            ])
            try await scene.tell(.domainQuota, level: .near)
            await mailer(scene.store).mailDue()
            let mails = try await scene.mails()
            #expect(mails.map(\.to) == ["OPS@mail.example", "ana@shop.example"])
            #expect(mails.last?.email.content.subject.hasPrefix("Se ha usado") == true)
            #expect(
                mails.allSatisfy { $0.email.content.category == .transactional && $0.email.sender.description == "notices@mail.example" })
            await mailer(scene.store).mailDue()
            #expect(try await scene.mails().count == 2)
        }
    }

    @Test func `It counts for no customer and is there for the delivery`() async throws {
        try await withScene { scene in
            try await scene.tell(.accountBlocked)
            await mailer(scene.store).mailDue()
            let quota = try await scene.store.read { try $0.quotas.find(scene.domain.accountID) }
            let domain = try await scene.store.read { try $0.domains.find(named: scene.domain.name) }
            #expect(quota.sentToday == 0 && domain?.counters.sentToday == 0)
            let claimed = try await scene.store.write { try TestClaim().run(in: $0) }
            #expect(claimed.map(\.recipient.description) == ["ops@mail.example"] && claimed.allSatisfy { $0.domainID == nil })
        }
    }

    @Test func `A blocked account is told that it is`() async throws {
        try await withScene { scene in
            try await scene.contacts([NoticeContact(Self.address("ana@shop.example"))])
            try await scene.store.write { try $0.accounts.update(scene.domain.accountID, status: .blocked, reason: "x") }
            try await scene.tell(.accountBlocked)
            await mailer(scene.store).mailDue()
            #expect(try await scene.store.write { try TestClaim().run(in: $0) }.count == 2)
        }
    }

    @Test func `One of a kind, level and subject is mailed in an hour`() async throws {
        try await withScene { scene in
            for _ in 0..<2 { try await scene.tell(.domainQuota, level: .near) }
            try await scene.tell(.domainQuota, level: .reached)
            try await scene.tell(.domainSuspended)
            await mailer(scene.store).mailDue()
            #expect(try await scene.mails().count == 3)
            clock.advance(by: .seconds(3599))
            try await scene.tell(.domainSuspended)
            await mailer(scene.store).mailDue()
            #expect(try await scene.mails().count == 3)
            clock.advance(by: .seconds(1))
            try await scene.tell(.domainSuspended)
            await mailer(scene.store).mailDue()
            #expect(try await scene.mails().count == 4)
            #expect(try await scene.store.read { try $0.notices.list(of: nil, limit: 10) }.count == 6)
        }
    }

    @Test func `A suppressed address is not mailed, and a customer's list does not speak for the operator`() async throws {
        try await withScene { scene in
            let names = ["ana@shop.example", "bea@shop.example", "cid@shop.example", "dan@shop.example"].map(Self.address)
            try await scene.contacts(names.map { NoticeContact($0) })
            try await scene.store.write { tx in
                let system = try tx.accounts.findOrInsert(reference: Account.systemReference)
                try tx.suppressions.insert(names[0], accountID: system.id, reason: .complaint, note: nil)
                for address in [names[1], Self.settings.operators[0]] {
                    try tx.suppressions.insert(address, accountID: scene.domain.accountID, reason: .hardBounce, note: nil)
                }
                // A notice is transactional.
                try tx.suppressions.insert(names[2], accountID: scene.domain.accountID, reason: .unsubscribe, note: nil)
            }
            try await scene.tell(.domainSuspended)
            await mailer(scene.store).mailDue()
            #expect(try await scene.mails().map(\.to) == ["cid@shop.example", "dan@shop.example", "ops@mail.example"])
        }
    }

    @Test func `The operator gets the kinds that the settings name`() async throws {
        try await withScene { scene in
            let settings = NoticeSettings(
                sender: Self.settings.sender, operators: Self.settings.operators, operatorEvents: [.accountBlocked])
            try await scene.tell(.domainSuspended)
            try await scene.tell(.accountBlocked)
            await mailer(scene.store, settings).mailDue()
            #expect(try await scene.mails().map(\.email.content.subject) == ["The account acme is blocked"])
        }
    }

    @Test func `Without a sender nothing is mailed, and nothing waits for one`() async throws {
        try await withScene { scene in
            try await scene.tell(.domainSuspended)
            await mailer(scene.store, NoticeSettings()).mailDue()
            #expect(try await scene.store.read { try $0.notices.listDue(limit: 10) }.isEmpty)
            await mailer(scene.store).mailDue()
            #expect(try await scene.mails().isEmpty)
        }
    }

    @Test func `A notice that waited for more than a day is not mailed`() async throws {
        try await withScene { scene in
            try await scene.tell(.domainSuspended)
            clock.advance(by: .seconds(86_401))
            await mailer(scene.store).mailDue()
            #expect(try await scene.mails().isEmpty)
            #expect(try await scene.store.read { try $0.notices.listDue(limit: 10) }.isEmpty)
        }
    }

    @Test func `Many who mail at once mail each notice once`() async throws {
        try await withScene { scene in
            for level in QuotaUse.Level.allCases { try await scene.tell(.domainQuota, level: level) }
            await withDiscardingTaskGroup { group in
                for _ in 0..<8 { group.addTask { await mailer(scene.store).mailDue() } }
            }
            #expect(try await scene.mails().count == 2)
        }
    }
}
