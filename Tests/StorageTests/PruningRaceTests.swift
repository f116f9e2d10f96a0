import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// Housekeeping selects rows, and waits for the lock of one that another node is changing: what it selected it by may not be true any more.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct PruningRaceTests {
    private let clock = TestClock()
    private let past = Duration.seconds(40 * 86_400)

    /// Holds a change with all that it writes on the first node, and runs a step of housekeeping on the second.
    private func holding<Value: Sendable>(
        _ nodes: NodePair, _ change: @escaping @Sendable (Transaction) throws -> Void,
        while step: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await nodes.whileHeld {
            try change($0)
            try $0.flush()
        } _: { node in
            try await node.step(step)
        }
    }

    private static func email(of domain: SendingDomain, at time: Timestamp, callbacks: [String] = []) -> Email {
        .test(of: domain, at: time) { $0.content.callbacks = callbacks }
    }

    @Test func anIdempotencyKeyInUseAgainIsNotDeleted() async throws {
        try await withNodePair(clock: clock) { nodes in
            let (first, second) = (EmailID(at: clock.now), EmailID(at: clock.now))
            @Sendable func insert(_ id: EmailID, _ tx: Transaction) throws -> Bool {
                let answer = FirstAnswer(emailID: id, status: .queued, note: nil, transactionID: "", time: tx.now)
                return try tx.idempotencyKeys.insert("k", accountID: 1, fingerprint: [1], answer: answer, within: .seconds(86_400))
            }
            let isInserted = try await nodes.first.write { try insert(first, $0) }
            #expect(isInserted)
            clock.advance(by: past)
            let deleted = try await holding(nodes) {
                _ = try insert(second, $0)
            } while: { tx in
                try tx.idempotencyKeys.delete(before: tx.now - .seconds(86_400), limit: 500)
            }
            #expect(deleted == 0)
            let use = try await nodes.first.write { try $0.idempotencyKeys.find("k", accountID: 1, within: .seconds(86_400)) }
            #expect(use?.emailID == second)
        }
    }

    @Test func aSubscriptionBeingConfirmedIsNotDeleted() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            let address = EmailAddress(validated: "a@customer.example")
            let id = SubscriptionID(at: clock.now)
            let subscription = Subscription(
                id: id, accountID: domain.accountID, list: "news", address: address, sender: address, createdAt: clock.now,
                mailedAt: clock.now, proof: nil)
            let isInserted = try await nodes.first.write { try $0.subscriptions.insert(subscription, replacing: nil) }
            #expect(isInserted)
            clock.advance(by: past)
            let deleted = try await holding(nodes) { tx in
                try tx.subscriptions.confirm(id, Subscription.Proof(at: tx.now, ipAddress: "192.0.2.1", userAgent: nil))
            } while: { tx in
                try tx.subscriptions.delete(before: tx.now - .seconds(86_400), limit: 500)
            }
            #expect(deleted == 0)
            #expect(try await nodes.first.read { try $0.subscriptions.find(id) }?.proof != nil)
        }
    }

    @Test func aCallbackBeingReplayedAndItsReceiverQueueAreNotDeleted() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            let email = Self.email(of: domain, at: clock.now, callbacks: ["https://hooks.example/a"])
            try await nodes.first.write { tx in
                try tx.emails.insert(email, dueAt: nil)
                try tx.emails.recordEvent(on: email.id, TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
            }
            let rules = CallbackClaimRules(owner: "node")
            let claim = try #require(try await nodes.first.write { try $0.callbacks.claim(rules, limit: 1, underWay: [:]) }.claims.first)
            try await nodes.first.write { tx in
                _ = try tx.callbacks.record(.refused(CallbackAttempt(at: tx.now, error: "no")), of: claim, owner: "node")
            }
            clock.advance(by: past)
            let deleted = try await holding(nodes) {
                try $0.callbacks.replay(claim.delivery)
            } while: { tx in
                try tx.callbacks.delete(before: tx.now - .seconds(86_400), limit: 500)
                    + tx.receiverQueues.delete(before: tx.now - .seconds(86_400), limit: 500)
            }
            #expect(deleted == 0)
            let claimed = try await nodes.first.write { try $0.callbacks.claim(rules, limit: 1, underWay: [:]) }.claims
            #expect(claimed.map(\.delivery.id) == [claim.delivery.id])
        }
    }

    @Test func anEmailThatBecomesDueAgainIsNotDeleted() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            let email = Self.email(of: domain, at: clock.now)
            try await nodes.first.write { try $0.emails.insert(email, dueAt: nil) }
            clock.advance(by: past)
            let deleted = try await holding(nodes) { tx in
                try tx.sql.execute(
                    "UPDATE emails SET due_at = ?2 WHERE id = ?1", [.id(email.id), .timestamp(tx.now)])
            } while: { tx in
                try tx.emails.delete(before: tx.now - .seconds(86_400), limit: 500)
            }
            #expect(deleted == 0)
            #expect(try await nodes.first.read { try $0.emails.find(email.id) } != nil)
        }
    }

    @Test func reportsAreSummedUpOnce() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            for _ in 0..<6 {
                let email = Self.email(of: domain, at: clock.now)
                try await nodes.first.write { try $0.emails.insert(email, dueAt: nil) }
                clock.advance(by: .seconds(900))
            }
            clock.advance(by: past)
            let sumUp: @Sendable (Transaction) throws -> Int = { try $0.reports.sumUp(olderThan: .seconds(86_400), limit: 500) }
            _ = try await holding(nodes) {
                _ = try sumUp($0)
            } while: {
                try sumUp($0)
            }
            _ = try await nodes.second.step(sumUp)
            let quarters = clock.now.quarterHour.number - 5000..<clock.now.quarterHour.number
            let counts = try await nodes.first.read {
                try $0.reports.counts(of: .all, accountID: domain.accountID, quarters: quarters, offset: 0, width: 10_000)
            }
            #expect(counts.reduce(0) { $0 + $1.counts[.accepted] } == 6)
        }
    }

    @Test func anAccountBeingBlockedIsNoLongerWarned() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            let account = try await nodes.first.write { tx in
                try tx.sql.execute("UPDATE accounts SET status = 'warning' WHERE id = ?1", [.integer(domain.accountID)])
                return try tx.accounts.find(domain.accountID)
            }
            #expect(account?.status == .warning)
            _ = try await holding(nodes) { tx in
                _ = try tx.accounts.findForUpdate(domain.accountID)
                try tx.accounts.update(domain.accountID, status: .blocked, reason: nil)
            } while: { tx in
                for warned in try tx.accounts.listWarnedForUpdate(tx.accounts.listWarned(after: 0, limit: 10)) {
                    try tx.accounts.update(warned.id, status: .ok, reason: nil)
                }
            }
            #expect(try await nodes.first.read { try $0.accounts.find(domain.accountID) }?.status == .blocked)
        }
    }
}
