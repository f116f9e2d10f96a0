import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// Housekeeping chooses its rows, and waits for the lock of one that another node is just changing: what was true of the row is not any more.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct PruningRaceTests {
    private let clock = TestClock()
    private let past = Duration.seconds(40 * 86_400)

    /// Runs `change` on a node and holds it before its commit; runs `step` on another node, and lets the change go once the step waits for it
    /// or has come to its end without.
    private func holding<Value: Sendable>(
        _ nodes: [Store], _ change: @escaping @Sendable (WriteContext) throws -> Void,
        while step: @escaping @Sendable (WriteContext) throws -> Value
    ) async throws -> Value {
        let (locked, didLock) = AsyncStream.makeStream(of: Void.self)
        let release = BlockingLatch()
        defer { release.release() }
        async let changed: Void = nodes[0].write { context in
            try change(context)
            try context.flush()
            didLock.yield()
            release.wait()
        }
        for await _ in locked { break }
        let value = try await withThrowingTaskGroup(of: Value?.self, returning: Value?.self) { group in
            group.addTask { try await nodes[1].step(step) }
            group.addTask {
                while try await !Self.somebodyWaits(on: nodes[2]), !Task.isCancelled {}
                return nil
            }
            // Whichever comes first.
            let first = try await group.next() ?? nil
            release.release()
            if let first {
                group.cancelAll()
                return first
            }
            return try await group.next() ?? nil
        }
        try await changed
        return try #require(value)
    }

    /// Whether a session of this database waits for another's lock.
    private static func somebodyWaits(on node: Store) async throws -> Bool {
        try await node.read { context in
            try context.transaction.first(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1"
            ) { _ in true } ?? false
        }
    }

    private static func email(of domain: SendingDomain, at time: Timestamp, callbacks: [String] = []) -> Email {
        Email(
            id: EmailID(at: time), accountID: domain.accountID, userName: "acme", operatorName: "ops", domainID: domain.id,
            sender: EmailAddress(validated: "news@shop.example"), recipient: EmailAddress(validated: "a@customer.example"), status: .queued,
            externalID: nil, clientID: nil, createdAt: time, updatedAt: time,
            content: EmailContent(subject: "Hello", text: "Hello", callbacks: callbacks))
    }

    @Test func anIdempotencyKeyThatIsTakenAgainStays() async throws {
        try await withNodes(3, clock: clock) { nodes in
            let (first, second) = (EmailID(at: clock.now), EmailID(at: clock.now))
            @Sendable func take(_ id: EmailID, _ context: WriteContext) throws -> Bool {
                let answer = FirstAnswer(emailID: id, status: .queued, note: nil, transactionID: "", time: context.now)
                return try context.keepIdempotencyKey("k", accountID: 1, fingerprint: [1], answer: answer, within: .seconds(86_400))
            }
            let isTaken = try await nodes[0].write { try take(first, $0) }
            #expect(isTaken)
            clock.advance(by: past)
            let gone = try await holding(nodes) {
                _ = try take(second, $0)
            } while: { context in
                try context.pruneIdempotencyKeys(before: context.now - .seconds(86_400), limit: 500)
            }
            #expect(gone == 0)
            let use = try await nodes[0].write { try $0.use(ofIdempotencyKey: "k", accountID: 1, within: .seconds(86_400)) }
            #expect(use?.emailID == second)
        }
    }

    @Test func aSubscriptionThatIsConfirmedStays() async throws {
        try await withNodes(3, clock: clock) { nodes in
            let domain = try await nodes[0].makeDomain("shop.example")
            let address = EmailAddress(validated: "a@customer.example")
            let id = SubscriptionID(at: clock.now)
            let subscription = Subscription(
                id: id, accountID: domain.accountID, list: "news", address: address, sender: address, createdAt: clock.now,
                mailedAt: clock.now, proof: nil)
            let isKept = try await nodes[0].write { try $0.keep(subscription, replacing: nil) }
            #expect(isKept)
            clock.advance(by: past)
            let gone = try await holding(nodes) { context in
                try context.confirm(id, Subscription.Proof(at: context.now, ipAddress: "192.0.2.1", userAgent: nil))
            } while: { context in
                try context.pruneSubscriptions(before: context.now - .seconds(86_400), limit: 500)
            }
            #expect(gone == 0)
            #expect(try await nodes[0].read { try $0.subscription(id) }?.proof != nil)
        }
    }

    @Test func aCallbackThatIsReplayedAndItsLaneStay() async throws {
        try await withNodes(3, clock: clock) { nodes in
            let domain = try await nodes[0].makeDomain("shop.example")
            let email = Self.email(of: domain, at: clock.now, callbacks: ["https://hooks.example/a"])
            try await nodes[0].write { context in
                try context.insert(email, dueAt: nil)
                try context.recordEvent(on: email.id, TimelineEntry(.sent, at: context.now), status: .sent, settles: true)
            }
            let rules = CallbackClaimRules(owner: "node")
            let claim = try #require(try await nodes[0].write { try $0.claimCallbacks(rules, limit: 1, underWay: [:]) }.first)
            try await nodes[0].write { context in
                _ = try context.record(.refused(CallbackAttempt(at: context.now, error: "no")), of: claim, owner: "node")
            }
            clock.advance(by: past)
            let gone = try await holding(nodes) {
                try $0.replay(claim.delivery)
            } while: { context in
                try context.pruneCallbacks(before: context.now - .seconds(86_400), limit: 500)
                    + context.pruneLanes(before: context.now - .seconds(86_400), limit: 500)
            }
            #expect(gone == 0)
            #expect(
                try await nodes[0].write { try $0.claimCallbacks(rules, limit: 1, underWay: [:]) }.map(\.delivery.id) == [claim.delivery.id]
            )
        }
    }

    @Test func anEmailThatBecomesDueAgainStays() async throws {
        try await withNodes(3, clock: clock) { nodes in
            let domain = try await nodes[0].makeDomain("shop.example")
            let email = Self.email(of: domain, at: clock.now)
            try await nodes[0].write { try $0.insert(email, dueAt: nil) }
            clock.advance(by: past)
            let gone = try await holding(nodes) { context in
                try context.transaction.execute(
                    "UPDATE emails SET due_at = ?2 WHERE id = ?1", [.id(email.id), .timestamp(context.now)])
            } while: { context in
                try context.pruneEmails(before: context.now - .seconds(86_400), limit: 500)
            }
            #expect(gone == 0)
            #expect(try await nodes[0].read { try $0.email(email.id) } != nil)
        }
    }

    @Test func aReportIsSummedUpOnce() async throws {
        try await withNodes(3, clock: clock) { nodes in
            let domain = try await nodes[0].makeDomain("shop.example")
            for _ in 0..<6 {
                let email = Self.email(of: domain, at: clock.now)
                try await nodes[0].write { try $0.insert(email, dueAt: nil) }
                clock.advance(by: .seconds(900))
            }
            clock.advance(by: past)
            let sumUp: @Sendable (WriteContext) throws -> Int = { try $0.sumUpReports(olderThan: .seconds(86_400), limit: 500) }
            _ = try await holding(nodes) {
                _ = try sumUp($0)
            } while: {
                try sumUp($0)
            }
            _ = try await nodes[2].step(sumUp)
            let quarters = clock.now.quarterHour.number - 5000..<clock.now.quarterHour.number
            let counts = try await nodes[0].read {
                try $0.reportCounts(of: .all, accountID: domain.accountID, quarters: quarters, offset: 0, width: 10_000)
            }
            #expect(counts.reduce(0) { $0 + $1.counts[.accepted] } == 6)
        }
    }

    @Test func aBlockIsNotTakenForAWarningThatEnds() async throws {
        try await withNodes(3, clock: clock) { nodes in
            let domain = try await nodes[0].makeDomain("shop.example")
            let account = try await nodes[0].write { context in
                try context.transaction.execute("UPDATE accounts SET status = 'warning' WHERE id = ?1", [.integer(domain.accountID)])
                return try context.account(domain.accountID)
            }
            let warned = try #require(account)
            _ = try await holding(nodes) {
                _ = try $0.review(warned, .block, note: nil)
            } while: { context in
                try context.endWarnings(after: 0, limit: 10, judgedBy: Reputation())
            }
            #expect(try await nodes[0].read { try $0.account(domain.accountID) }?.status == .blocked)
        }
    }
}
