import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// Limits of accounts over domains and single senders, and what counts against them.
@Suite(.timeLimit(.minutes(2)))
struct AccountQuotaStorageTests {
    private let clock = TestClock()
    private static let sender = EmailAddress(validated: "ann@elsewhere.example")

    /// Two nodes of one database, or one store where the engine has one writer.
    private func withNodesOfEngine(_ body: ([Store]) async throws -> Void) async throws {
        if TestEngine.chosen == .postgres {
            try await withNodes(2, clock: clock, body)
        } else {
            try await withStore(clock: clock) { try await body([$0]) }
        }
    }

    private static func set(_ limits: AccountLimits, of accountID: Int64, in store: Store) async throws {
        try await store.write(.accounts([accountID])) { tx in
            _ = try tx.accounts.findForUpdate(accountID)
            try tx.quotas.update(accountID, limits: limits)
        }
    }

    /// Charges a domain as every interface does.
    @discardableResult
    private static func charge(_ name: DomainName, _ count: Int64 = 1, in store: Store) async throws -> Gate.Decision {
        try await store.write(.domain(name)) { tx in
            guard var domain = try tx.domains.find(named: name) else { throw StorageError.malformed("\(name)") }
            var quota = try tx.quotas.findForUpdate(of: domain)
            let decision = domain.admit(count, by: Gate(), within: &quota)
            try tx.domains.record(decision, of: count, on: domain, within: quota)
            return decision
        }
    }

    /// Charges a single sender of an account.
    @discardableResult
    private static func chargeSender(of accountID: Int64, _ count: Int64 = 1, in store: Store) async throws -> Gate.Decision {
        try await store.write(.emails(of: sender.domain, to: [], for: accountID)) { tx in
            var quota = try tx.quotas.findForUpdate(ofAccount: accountID)
            let decision = quota.map { Gate().decide(within: $0, recipients: count) } ?? .init(allowed: true, reason: nil)
            if decision.allowed { quota?.count(count) }
            try tx.senders.record(decision, of: count, from: sender, accountID: accountID, within: quota)
            return decision
        }
    }

    private func quota(of accountID: Int64, in store: Store) async throws -> AccountQuota {
        try await store.read { try $0.quotas.find(accountID) }
    }

    @Test(arguments: [false, true])
    func `A limit holds over domains, single senders and nodes`(isFirstKnown: Bool) async throws {
        try await withNodesOfEngine { nodes in
            var names: [DomainName] = []
            for number in 0..<3 { names.append(try await nodes[0].makeDomain("d\(number).example").name) }
            let account = try #require(try await nodes[0].read { try $0.accounts.find(reference: "acme") })
            try await Self.set(AccountLimits(daily: 100), of: account.id, in: nodes[0])
            if isFirstKnown { for node in nodes { try await Self.charge(names[0], in: node) } }
            let before = isFirstKnown ? nodes.count : 0
            let allowed = try await withThrowingTaskGroup(of: Bool.self) { [names] group in
                for number in 0..<400 {
                    let node = nodes[number % nodes.count]
                    group.addTask {
                        number % 4 == 3
                            ? try await Self.chargeSender(of: account.id, in: node).allowed
                            : try await Self.charge(names[number % 4], in: node).allowed
                    }
                }
                return try await group.reduce(before) { $0 + ($1 ? 1 : 0) }
            }
            #expect(allowed == 100)
            let quota = try await quota(of: account.id, in: nodes[0])
            #expect(quota.sentToday == 100 && quota.sentThisMonth == 100)
            let usage = try await nodes[0].read { [clock] tx in
                try tx.usage.list(of: account.id, domain: nil, days: clock.now.day...clock.now.day, limit: 10)
            }
            #expect(usage.count == 4 && usage.reduce(0) { $0 + $1.counts.sent } == 100)
            #expect(usage.reduce(0) { $0 + $1.counts.refused } == Int64(300 + before))
            #expect(usage.last?.sender == Self.sender && usage.last?.domain == nil)
        }
    }

    /// Whoever has mail under way when the first limit is set admits it, or sees the limit; never neither.
    @Test func `A first limit that is set under load holds from its answer on`() async throws {
        try await withNodesOfEngine { nodes in
            let name = try await nodes[0].makeDomain("d.example").name
            let account = try #require(try await nodes[0].read { try $0.accounts.find(reference: "acme") })
            for limit in [Int64(30), 300] {
                try await Self.set(AccountLimits(), of: account.id, in: nodes[0])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<4 {
                        group.addTask {
                            for _ in 0..<60 { try await Self.charge(name, in: nodes[number % nodes.count]) }
                        }
                    }
                    group.addTask {
                        try await Self.set(AccountLimits(daily: limit), of: account.id, in: nodes[nodes.count - 1])
                        let atAnswer = try await nodes[0].read { try $0.quotas.find(account.id) }.sentToday
                        for _ in 0..<60 { try await Self.charge(name, in: nodes[0]) }
                        let after = try await nodes[0].read { try $0.quotas.find(account.id) }.sentToday
                        #expect(after <= max(limit, atAnswer))
                    }
                    try await group.waitForAll()
                }
                let sent = try await quota(of: account.id, in: nodes[0]).sentToday
                let counted = try await nodes[0].read { try $0.domains.find(named: name) }?.counters.sentToday
                #expect(counted == sent)
            }
        }
    }

    @Test func `Nodes lock accounts before domains, so that none waits for the other`() async throws {
        guard TestEngine.chosen == .postgres else { return }
        let deadlocks = try await withNodes(2, clock: clock) { nodes in
            var names: [DomainName] = []
            for number in 0..<9 { names.append(try await nodes[0].makeDomain("d\(number).example", account: "a\(number % 3)").name) }
            for number in 0..<3 {
                let account = try #require(try await nodes[0].read { try $0.accounts.find(reference: "a\(number)") })
                try await Self.set(AccountLimits(daily: 1_000_000), of: account.id, in: nodes[0])
            }
            // Once each, so that both nodes know of the limits.
            for node in nodes { for name in names { try await Self.charge(name, in: node) } }
            try await withThrowingTaskGroup(of: Void.self) { [names] group in
                for number in 0..<16 {
                    group.addTask {
                        var generator = SeededGenerator(seed: UInt64(number))
                        for _ in 0..<30 {
                            try await Self.charge(names.randomElement(using: &generator) ?? names[0], in: nodes[number % 2])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }.deadlocks
        #expect(deadlocks == 0)
    }

    @Test func `What was sent before the limit counts, and a new day and month begin by themselves`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("d.example")
            try await Self.charge(domain.name, 7, in: store)
            try await Self.set(AccountLimits(daily: 10, monthly: 15), of: domain.accountID, in: store)
            #expect(try await Self.charge(domain.name, 4, in: store).reason == .accountDailyLimit)
            #expect(try await Self.charge(domain.name, 3, in: store).allowed)
            clock.set(clock.now.day.next.start)
            #expect(try await quota(of: domain.accountID, in: store).sentToday == 0)
            #expect(try await Self.charge(domain.name, 6, in: store).reason == .accountMonthlyLimit)
            #expect(try await Self.charge(domain.name, 5, in: store).allowed)
            clock.set(clock.now.month.next.start)
            #expect(try await Self.charge(domain.name, 10, in: store).allowed)
            #expect(try await quota(of: domain.accountID, in: store).sentThisMonth == 10)
        }
    }

    @Test func `Soft limits admit, count and say so`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("d.example")
            try await Self.set(AccountLimits(daily: 1, .soft), of: domain.accountID, in: store)
            #expect(try await Self.charge(domain.name, 2, in: store) == .init(allowed: true, reason: .accountDailyLimitSoft))
            #expect(try await Self.chargeSender(of: domain.accountID, in: store) == .init(allowed: true, reason: .accountDailyLimitSoft))
            #expect(try await quota(of: domain.accountID, in: store).sentToday == 3)
        }
    }

    @Test func `Resets take off what was sent, of the day and of the month`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("d.example")
            let other = try await store.makeDomain("other.example", account: "globex")
            try await Self.set(AccountLimits(daily: 10, monthly: 25), of: domain.accountID, in: store)
            try await Self.charge(domain.name, 10, in: store)
            _ = try await store.resetDaily(domainsPerStep: 1)
            #expect(try await quota(of: domain.accountID, in: store).sentToday == 0)
            #expect(try await quota(of: domain.accountID, in: store).sentThisMonth == 10)
            #expect(try await Self.charge(domain.name, 10, in: store).allowed)
            try await Self.charge(other.name, 3, in: store)
            _ = try await store.resetMonthly(domainsPerStep: 1) { _ in }
            #expect(try await quota(of: domain.accountID, in: store).sentThisMonth == 0)
            #expect(try await quota(of: domain.accountID, in: store).sentToday == 10)
            #expect(try await quota(of: other.accountID, in: store).sentThisMonth == 0)
            clock.set(clock.now.month.next.start)
            let fresh = AccountQuota(accountID: domain.accountID, limits: AccountLimits(daily: 10, monthly: 25))
            #expect(try await quota(of: domain.accountID, in: store) == fresh)
        }
    }

    /// The cron job of the new month's first minutes is about the month that ended.
    @Test func `The first monthly reset of a month keeps what is counted in it, the next one does not`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("d.example")
            try await Self.charge(domain.name, 5, in: store)
            clock.set(clock.now.month.next.start)
            try await Self.charge(domain.name, 2, in: store)
            _ = try await store.resetMonthly { _ in }
            #expect(try await quota(of: domain.accountID, in: store).sentThisMonth == 2)
            _ = try await store.resetMonthly { _ in }
            #expect(try await quota(of: domain.accountID, in: store).sentThisMonth == 0)
        }
    }

    @Test func `A reset at the beginning of a month takes off what a new account has sent, as with its domains`() async throws {
        clock.set(clock.now.month.next.start)
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("d.example")
            try await Self.charge(domain.name, 5, in: store)
            _ = try await store.resetMonthly { _ in }
            #expect(try await quota(of: domain.accountID, in: store).sentThisMonth == 0)
            #expect(try await store.read { try $0.domains.find(named: domain.name) }?.counters.sentThisMonth == 0)
        }
    }

    private func accept(_ count: Int, of domain: SendingDomain, in store: Store) async throws -> [EmailID] {
        try await store.write(.domain(domain.name)) { [clock] tx in
            guard var found = try tx.domains.find(domain.id) else { throw StorageError.malformed("domain") }
            var quota = try tx.quotas.findForUpdate(of: found)
            let decision = found.admit(Int64(count), by: Gate(), within: &quota)
            try tx.domains.record(decision, of: Int64(count), on: found, within: quota)
            return try (0..<count).map { _ in
                let email = Email.test(of: domain, at: clock.now) { $0.status = .scheduled }
                try tx.emails.insert(email, dueAt: clock.now + .seconds(3600))
                return email.id
            }
        }
    }

    @Test func `A cancelled email is given back, but not over a reset`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("d.example")
            try await Self.set(AccountLimits(daily: 10), of: domain.accountID, in: store)
            let ids = try await accept(10, of: domain, in: store)
            #expect(try await Self.charge(domain.name, in: store).reason == .accountDailyLimit)
            // Within one transaction too.
            try await store.write(.email(ids[0], domain: domain.name)) { tx in
                _ = try tx.quotas.findForUpdate(of: try #require(try tx.domains.find(domain.id)))
                _ = try tx.queue.cancel(ids[0], explanation: "x")
                #expect(try tx.quotas.findForUpdate(of: try #require(try tx.domains.find(domain.id)))?.sentToday == 9)
            }
            #expect(try await quota(of: domain.accountID, in: store).sentToday == 9)
            _ = try await store.resetDaily()
            clock.advance(by: .seconds(1))
            try await Self.charge(domain.name, 10, in: store)
            try await store.write { _ = try $0.queue.cancel(ids[1], explanation: "x") }
            #expect(try await quota(of: domain.accountID, in: store).sentToday == 10)
            #expect(try await quota(of: domain.accountID, in: store).sentThisMonth == 18)
            let usage = try await store.read { [clock] in
                try $0.usage.list(of: nil, domain: domain.name, days: clock.now.day...clock.now.day, limit: 10)
            }
            #expect(usage.map(\.counts) == [UsageCounts(sent: 18, refused: 1)])
        }
    }

    @Test func `A change of owner leaves each account what it has sent, and the domain counts for the new one`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("d.example")
            let globex = try await store.write { try $0.accounts.findOrInsert(reference: "globex") }
            try await Self.set(AccountLimits(daily: 3), of: globex.id, in: store)
            try await Self.charge(domain.name, 5, in: store)
            try await store.write(.domain(domain.name)) { tx in
                _ = try tx.domains.changeOwner(of: try #require(try tx.domains.find(domain.id)), to: globex)
                #expect(try tx.domains.find(domain.id)?.hasAccountQuota == true)
            }
            #expect(try await Self.charge(domain.name, 3, in: store).allowed)
            #expect(try await Self.charge(domain.name, 1, in: store).reason == .accountDailyLimit)
            #expect(try await quota(of: domain.accountID, in: store).sentToday == 5)
            #expect(try await quota(of: globex.id, in: store).sentToday == 3)
        }
    }

    @Test func `Limits that are set in a batch hold for its later commands, and those that are taken back do not`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("d.example")
            try await store.write { tx in
                func charge(_ count: Int64) throws -> Bool {
                    guard var found = try tx.domains.find(domain.id) else { return false }
                    var quota = try tx.quotas.findForUpdate(of: found)
                    let decision = found.admit(count, by: Gate(), within: &quota)
                    try tx.domains.record(decision, of: count, on: found, within: quota)
                    return decision.allowed
                }
                #expect(try charge(4))
                _ = try tx.accounts.findForUpdate(domain.accountID)
                try tx.quotas.update(domain.accountID, limits: AccountLimits(daily: 5))
                #expect(try !charge(2))
                #expect(try charge(1))
                try tx.quotas.update(domain.accountID, limits: AccountLimits())
                #expect(try charge(100))
            }
            #expect(try await quota(of: domain.accountID, in: store).sentToday == 105)
        }
    }

    @Test func `An account has no more domains than it may have, deleted ones aside`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("d.example")
            var limits = AccountLimits()
            limits.domainsLimit = 2
            try await Self.set(limits, of: domain.accountID, in: store)
            #expect(try await store.write { try !$0.quotas.hasAllDomains(domain.accountID) })
            let second = try await store.makeDomain("e.example")
            #expect(try await store.write { try $0.quotas.hasAllDomains(domain.accountID) })
            try await store.write { tx in
                var second = second
                second.deletedAt = tx.now
                tx.domains.update(second)
            }
            #expect(try await store.write { try !$0.quotas.hasAllDomains(domain.accountID) })
            let account = try #require(try await store.read { try $0.accounts.find(domain.accountID) })
            #expect(try await store.read { try $0.quotas.outbound(of: account) }.domains == 1)
        }
    }

    @Test func `A domain of an earlier version has its limits as ceilings`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("d.example") { domain in
                domain.outbound.dailyLimit = 100
                (domain.outbound.dailyCeiling, domain.outbound.monthlyCeiling) = (200, 300)
            }
            #expect(try await store.read { try $0.domains.find(named: domain.name) }?.outbound == domain.outbound)
            _ = try await store.database.write { try $0.execute("UPDATE domains SET daily_ceiling = NULL, monthly_ceiling = NULL") }
            let found = try await store.read { try $0.domains.find(named: domain.name) }?.outbound
            #expect(found?.dailyCeiling == 100 && found?.monthlyCeiling == 0)
        }
    }
}
