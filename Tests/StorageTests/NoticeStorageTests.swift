import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// The notices that the gate's own transaction leaves, and the outbox that they are mailed from.
@Suite(.timeLimit(.minutes(2)))
struct NoticeStorageTests {
    private let clock = TestClock()

    private func withNodesOfEngine(_ body: ([Store]) async throws -> Void) async throws {
        if TestEngine.chosen == .postgres {
            try await withNodes(2, clock: clock, body)
        } else {
            try await withStore(clock: clock) { try await body([$0]) }
        }
    }

    /// Charges a domain as every interface does.
    private static func charge(_ name: DomainName, _ count: Int64 = 1, in store: Store) async throws {
        try await store.write(.domain(name)) { tx in
            guard var domain = try tx.domains.find(named: name) else { throw StorageError.malformed("\(name)") }
            var quota = try tx.quotas.findForUpdate(of: domain)
            let decision = domain.admit(count, by: Gate(), within: &quota)
            try tx.domains.record(decision, of: count, on: domain, within: quota)
        }
    }

    /// The levels that an account was told of, oldest first.
    private func levels(_ event: AccountNotice.Event = .domainQuota, in store: Store) async throws -> [String] {
        try await store.read { try $0.notices.list(of: nil, limit: 100) }.filter { $0.notice.event == event }.map(\.notice.level).reversed()
    }

    @Test func `On the way to a limit 80 and 100 % are told once, however many ask at once on however many nodes`() async throws {
        try await withNodesOfEngine { nodes in
            let domain = try await nodes[0].makeDomain("shop.example") { $0.outbound.dailyLimit = 100 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<150 { group.addTask { try await Self.charge(domain.name, in: nodes[number % nodes.count]) } }
                try await group.waitForAll()
            }
            #expect(try await levels(in: nodes[0]) == ["day.80", "day.100"])
            let sent = try await nodes[0].read { try $0.notices.list(of: domain.accountID, limit: 10) }.compactMap(\.notice.quota?.sent)
            #expect(sent == [100, 80])
        }
    }

    @Test func `A jump past 80 tells of 100 alone, and day and month are two limits`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example") {
                ($0.outbound.dailyLimit, $0.outbound.monthlyLimit) = (10, 20)
            }
            try await Self.charge(domain.name, 10, in: store)
            #expect(try await levels(in: store) == ["day.100"])
            clock.advance(by: .seconds(86_400))
            try await Self.charge(domain.name, 7, in: store)
            #expect(try await levels(in: store) == ["day.100", "month.80"])
            try await Self.charge(domain.name, 2, in: store)
            #expect(try await levels(in: store) == ["day.100", "month.80", "day.80"])
        }
    }

    /// A cancelled email gives its count back: the level is passed a second time, and nobody is told a second time.
    @Test func `A count that falls and rises again tells nothing new, another limit does`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example") { $0.outbound.dailyLimit = 10 }
            let give = { (count: Int64) in
                try await store.write { tx in
                    guard var found = try tx.domains.find(domain.id) else { return }
                    found.counters.sentToday -= count
                    tx.domains.update(found)
                }
            }
            try await Self.charge(domain.name, 8, in: store)
            try await give(2)
            try await Self.charge(domain.name, 2, in: store)
            #expect(try await levels(in: store) == ["day.80"])
            try await store.write { tx in
                guard var found = try tx.domains.find(domain.id) else { return }
                found.outbound.dailyLimit = 20
                tx.domains.update(found)
            }
            try await Self.charge(domain.name, 8, in: store)
            #expect(try await levels(in: store) == ["day.80", "day.80"])
        }
    }

    @Test func `A reset of the day begins a new one`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example") { $0.outbound.dailyLimit = 10 }
            try await Self.charge(domain.name, 10, in: store)
            _ = try await store.resetDaily()
            try await Self.charge(domain.name, 10, in: store)
            #expect(try await levels(in: store) == ["day.100", "day.100"])
        }
    }

    @Test func `The limits of an account are told too, over domains and single senders`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            try await store.write(.accounts([domain.accountID])) { tx in
                try tx.quotas.update(domain.accountID, limits: AccountLimits(daily: 10, monthly: 10))
            }
            try await Self.charge(domain.name, 7, in: store)
            let sender = EmailAddress(validated: "ann@elsewhere.example")
            try await store.write { tx in
                var quota = try tx.quotas.findForUpdate(ofAccount: domain.accountID)
                quota?.count(1)
                try tx.senders.record(
                    Gate.Decision(allowed: true, reason: nil), of: 1, from: sender, accountID: domain.accountID, within: quota)
            }
            #expect(try await levels(.accountQuota, in: store) == ["day.80", "month.80"])
            try await Self.charge(domain.name, 2, in: store)
            #expect(try await levels(.accountQuota, in: store) == ["day.80", "month.80", "day.100", "month.100"])
            #expect(try await levels(in: store) == [])
        }
    }

    @Test func `A notice that is not committed is told by nothing`() async throws {
        struct Abandoned: Error {}
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            _ = try await store.write {
                try $0.callbackEndpoints.insert(of: domain.accountID, url: "https://e.example/", events: [], isActive: true)
            }
            await #expect(throws: Abandoned.self) {
                try await store.write { tx in
                    try tx.notices.insert(AccountNotice(.accountBlocked, explanation: "x"), for: domain.accountID)
                    throw Abandoned()
                }
            }
            #expect(try await store.read { try $0.notices.list(of: nil, limit: 1) } == [])
            #expect(try await store.read { try $0.callbacks.nextDue() } == nil)
        }
    }

    @Test func `A receiver that keeps failing is told of once a day`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let url = "https://hooks.example/secret?token=1"
            for number in 0..<60 {
                try await store.write { tx in
                    let email = Email.test(of: domain, at: tx.now) { $0.content.callbacks = ["\(url)&n=\(number)"] }
                    try tx.emails.insert(email, dueAt: nil)
                    try tx.emails.recordEvent(on: email.id, TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
                }
            }
            for _ in 0..<60 {
                let claims = try await store.write {
                    try $0.callbacks.claim(CallbackClaimRules(owner: "node"), limit: 8, underWay: [:])
                }.claims
                try await store.write { tx in
                    for claim in claims {
                        try tx.callbacks.record(.failed(CallbackAttempt(at: tx.now, error: "no")), of: claim, owner: "node")
                    }
                }
                clock.advance(by: .seconds(31))
            }
            let told = try await store.read { try $0.notices.list(of: domain.accountID, limit: 10) }
            #expect(told.map(\.notice.receiver) == ["hooks.example"])
            #expect(told.allSatisfy { $0.notice.event == .callbacksFailing && !$0.notice.explanation.contains("secret") })
        }
    }

    @Test func `What was told is deleted when it is old`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            try await store.write { try $0.notices.insert(AccountNotice(.accountWarning, explanation: "x"), for: domain.accountID) }
            clock.advance(by: .seconds(89 * 86_400))
            #expect(try await store.write { try $0.retention.delete(RetentionPeriods(), limit: 100) } == 0)
            clock.advance(by: .seconds(2 * 86_400))
            _ = try await store.write { try $0.retention.delete(RetentionPeriods(), limit: 100) }
            #expect(try await store.read { try $0.notices.list(of: nil, limit: 1) } == [])
        }
    }
}
