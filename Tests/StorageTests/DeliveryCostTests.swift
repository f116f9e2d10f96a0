import MailModel
import TestSupport
import Testing

@testable import Storage

/// The number of statements of a batch does not depend on its number of emails.
@Suite(.timeLimit(.minutes(1)))
struct DeliveryCostTests {
    private let clock = TestClock()

    /// The properties of emails that may need further queries.
    enum Mail: CaseIterable {
        /// Each is of an account and a domain of its own.
        case ofMany
        /// All are of one domain, with tags, a campaign and callbacks.
        case ofOne
    }

    private func accept(_ count: Int, _ mail: Mail, in store: Store) async throws -> [EmailID] {
        var domains: [SendingDomain] = []
        for number in 0..<(mail == .ofMany ? count : 1) {
            domains.append(try await store.makeDomain("\(count)-\(number).example", account: "\(count)-\(number)"))
        }
        return try await store.write { [domains, clock] tx in
            try (0..<count).map { number in
                let domain = domains[number % domains.count]
                var email = Email(
                    id: EmailID(at: clock.now), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
                    sender: EmailAddress(validated: "a@\(domain.name)"), recipient: EmailAddress(validated: "r\(number)@customer.example"),
                    status: .queued, externalID: mail == .ofOne ? "campaign" : nil, clientID: nil, createdAt: clock.now,
                    updatedAt: clock.now, content: EmailContent(subject: "s", text: "t"))
                if mail == .ofOne {
                    email.content.tags = ["news"]
                    email.content.callbacks = ["https://customer.example/hook"]
                }
                try tx.emails.insert(email, dueAt: clock.now)
                return email.id
            }
        }
    }

    private func claim(_ ids: [EmailID], in store: Store) async throws {
        let claimed = try await store.write { try TestClaim(limit: ids.count).run(in: $0) }
        #expect(Set(claimed.map(\.id)) == Set(ids))
    }

    @Test(arguments: Mail.allCases)
    func `a claim of many costs what a claim of two costs`(mail: Mail) async throws {
        try await withCountedStore(clock: clock) { store, database in
            var costs: [Int] = []
            for count in [2, 64] {
                let ids = try await accept(count, mail, in: store)
                costs.append(try await database.statements { try await claim(ids, in: store) })
            }
            #expect(costs[1] == costs[0])
            #expect(costs[0] <= 20)
        }
    }

    /// The batch is one transaction here, as the group commit makes it of concurrent commands.
    private func cost(
        of ids: [EmailID], in store: Store, _ database: CountingDatabase, _ intent: @escaping @Sendable (EmailID) -> WriteIntent,
        _ command: @escaping @Sendable (Transaction, EmailID) throws -> Void
    ) async throws -> Int {
        try await database.statements {
            try await store.write { tx in
                try tx.prepare(for: ids.map(intent))
                for id in ids { try command(tx, id) }
            }
        }
    }

    @Test(.enabled(if: TestEngine.chosen == .postgres, "where one thread writes, nothing is looked up beforehand"))
    func `the outcomes of many cost what two cost, and so do their events`() async throws {
        try await withCountedStore(clock: clock) { store, database in
            var costs: [[Int]] = []
            var bounceCosts: [Int] = []
            for count in [2, 64] {
                let ids = try await accept(count, .ofOne, in: store)
                try await claim(ids, in: store)
                let outcomes = try await cost(of: ids, in: store, database, { .email($0, messageID: "ses-\($0)") }) { tx, id in
                    try tx.queue.record(.sent(messageID: "ses-\(id)"), of: id, owner: "node")
                    #expect(try tx.unmatchedEvents.drain(messageID: "ses-\(id)") == [])
                }
                let events = try await cost(
                    of: ids, in: store, database, { .event(EventIntent(messageID: "ses-\($0)", receipts: ["sns-\($0)"])) }
                ) { tx, id in
                    #expect(try tx.receipts.insert("sns-\(id)"))
                    #expect(try !tx.receipts.insert("sns-\(id)"))
                    let email = try #require(try tx.sesMessages.find("ses-\(id)").flatMap { try tx.emails.findForUpdate($0) })
                    #expect(try tx.suppressions.find(email.recipient, sender: nil, accountID: email.accountID) == nil)
                    try tx.emails.recordEvent(
                        on: email.id, TimelineEntry(.delivered, at: tx.now), status: .delivered, settles: true)
                }
                let bounces = try await cost(of: ids, in: store, database, Self.bounce) { tx, id in
                    #expect(try tx.receipts.insert("sns2-\(id)"))
                    let email = try #require(try tx.sesMessages.find("ses-\(id)").flatMap { try tx.emails.findForUpdate($0) })
                    var domain = try #require(try email.domainID.flatMap { try tx.domains.find($0) })
                    #expect(try tx.receipts.insert("bounce-\(id)"))
                    #expect(try !tx.receipts.contains("notification-\(id)"))
                    domain.counters.bounces += 1
                    tx.domains.update(domain)
                    try tx.suppressions.insert(email.recipient, accountID: email.accountID, reason: .hardBounce, note: nil)
                    try Self.countBounce(of: email.accountID, in: tx)
                }
                bounceCosts.append(bounces)
                for id in ids {
                    let email = try #require(try await store.read { try $0.emails.find(id) })
                    let isSuppressed = try await store.read {
                        try $0.suppressions.isSuppressed(email.recipient, accountID: email.accountID, sender: email.sender)
                    }
                    #expect(isSuppressed)
                    #expect(email.status == .delivered)
                    let statuses = try await store.read { try $0.timeline.list(of: email).map(\.status) }
                    #expect(statuses == ["QUEUED", "DEQUEUED", "SENT", "DELIVERED"])
                    #expect(try await store.read { try $0.callbacks.list(of: id).count } == 3)
                }
                costs.append([outcomes, events])
            }
            #expect(costs[1] == costs[0])
            #expect(costs[0].allSatisfy { $0 <= 20 })
            #expect(bounceCosts[1] == bounceCosts[0])
            #expect(bounceCosts[0] <= 24)
        }
    }

    /// What judging an account by a bounce reads and writes.
    private static func countBounce(of accountID: Int64, in tx: Transaction) throws {
        tx.reputation.count(ReputationCounts(bounces: 1), of: accountID)
        #expect(try tx.accounts.findForUpdate(accountID) != nil)
        #expect(try tx.reputation.lockedWindow(of: accountID).counts.bounces > 0)
    }

    private static func bounce(_ id: EmailID) -> WriteIntent {
        var event = EventIntent(messageID: "ses-\(id)", receipts: ["sns2-\(id)", "bounce-\(id)", "notification-\(id)"])
        event.counts = true
        event.source = EmailAddress(validated: "a@2-0.example")
        event.domain = event.source?.domain
        return .event(event)
    }

    /// Commands of a batch see changes by earlier commands, which the prefetch has not read.
    @Test func `an event that came earlier in the batch is found`() async throws {
        try await withStore(clock: clock) { store in
            let ids = try await accept(1, .ofOne, in: store)
            let found = try await store.write { tx in
                try tx.prepare(for: [
                    .event(EventIntent(messageID: "m", receipts: ["sns"])), .email(ids[0], messageID: "m"),
                ])
                try tx.unmatchedEvents.insert(messageID: "m", kind: "Delivery", source: nil, payload: "{}")
                return try tx.unmatchedEvents.drain(messageID: "m").map(\.payload)
            }
            #expect(found == ["{}"])
        }
    }
}
