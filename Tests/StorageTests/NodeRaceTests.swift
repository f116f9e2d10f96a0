import MailModel
import TestSupport
import Testing

@testable import Storage

/// What one node decides while another one is about to commit the opposite.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct NodeRaceTests {
    private let clock = TestClock()
    private static let url = "https://hooks.example/1"
    private static let rules = CallbackClaimRules(owner: "node")

    /// Enqueues a callback to the same receiver.
    private static func enqueueCallback(of domain: SendingDomain, in tx: Transaction) throws {
        let email = Email.test(of: domain, at: tx.now) { $0.content.callbacks = [url] }
        try tx.emails.insert(email, dueAt: nil)
        try tx.emails.recordEvent(on: email.id, TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
    }

    /// A receiver that was called long ago, so that retention may delete its queue.
    private func withIdleReceiver(_ body: (NodePair, SendingDomain) async throws -> Void) async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            try await nodes.first.write { try Self.enqueueCallback(of: domain, in: $0) }
            let claims = try await nodes.first.write { try $0.callbacks.claim(Self.rules, limit: 10, underWay: [:]) }.claims
            try await nodes.first.write { tx in
                for claim in claims { try tx.callbacks.record(.delivered(.init(at: tx.now, httpStatus: 200)), of: claim, owner: "node") }
            }
            clock.advance(by: .seconds(2 * 86_400))
            try await body(nodes, domain)
            #expect(try await nodes.first.write { try $0.callbacks.claim(Self.rules, limit: 10, underWay: [:]) }.claims.count == 1)
        }
    }

    /// Two nodes that pin one topic each would each refuse what the other believes.
    @Test func ofTwoTopicsPinnedAtOnceOneHolds() async throws {
        try await withNodePair(clock: clock) { nodes in
            let pinned = try await nodes.whileHeld {
                _ = try $0.topics.pin("arn:aws:sns:eu-west-1:111111111111:first")
            } _: { node in
                try await node.write { try $0.topics.pin("arn:aws:sns:eu-west-1:222222222222:second") }
            }
            #expect(pinned == "arn:aws:sns:eu-west-1:111111111111:first")
            #expect(try await nodes.second.read { try $0.topics.pinned() } == pinned)
        }
    }

    /// PostgreSQL reads the account of a row that it waited for as of the beginning of the statement.
    @Test func aDomainThatMovesToANewAccountIsFound() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            let found = try await nodes.whileHeld { tx in
                _ = try tx.domains.changeOwner(of: domain, to: try tx.accounts.findOrInsert(reference: "globex"))
                try tx.flush()
            } _: { node in
                try await node.write(.domain(domain.name)) { try $0.domains.find(named: domain.name) }
            }
            #expect(found?.accountStatus == .ok)
            #expect(found?.accountID != domain.accountID)
        }
    }

    @Test func aReceiverQueueInUseAgainIsNotDeleted() async throws {
        try await withIdleReceiver { nodes, domain in
            try await nodes.whileHeld {
                try Self.enqueueCallback(of: domain, in: $0)
                try $0.flush()
            } _: { node in
                _ = try await node.write { try $0.receiverQueues.delete(before: $0.now - RetentionPeriods().receiverQueues, limit: 100) }
            }
        }
    }

    @Test func aReceiverQueueBeingDeletedIsInsertedAgain() async throws {
        try await withIdleReceiver { nodes, domain in
            try await nodes.whileHeld { (tx: Transaction) throws in
                #expect(try tx.receiverQueues.delete(before: tx.now - RetentionPeriods().receiverQueues, limit: 100) == 1)
            } _: { node in
                try await node.write { try Self.enqueueCallback(of: domain, in: $0) }
            }
        }
    }

    @Test func aDeliveryBeingReplayedIsNotDeleted() async throws {
        try await withIdleReceiver { nodes, domain in
            clock.advance(by: .seconds(40 * 86_400))
            let delivery = try #require(
                try await nodes.first.read { try $0.callbacks.list(of: domain.accountID, status: nil, after: nil, limit: 1) }.first)
            try await nodes.whileHeld {
                try $0.callbacks.replay(delivery)
            } _: { node in
                _ = try await node.write { try $0.callbacks.delete(before: $0.now - RetentionPeriods().callbacks, limit: 100) }
            }
        }
    }

    /// Every node records about once a minute when keys were last used, and the busy keys are in use on all nodes.
    @Test func usesOfKeysAreRecordedInOneOrder() async throws {
        let (keys, deadlocks) = try await withNodes(3, clock: clock) { nodes in
            let keys = try await nodes[0].write { tx in
                let account = try tx.accounts.findOrInsert(reference: "acme")
                return try (0..<200).map {
                    try tx.keys.insert(of: account, name: "k", rights: KeyRights(scopes: [.send]), tokenHash: [UInt8($0)]).id
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, node) in nodes.enumerated() {
                    group.addTask { [clock] in
                        for round in 0..<20 {
                            let time = clock.now + .seconds(3 * round + number)
                            // Each in an order of its own.
                            let uses = Dictionary(uniqueKeysWithValues: keys.shuffled().map { ($0, time) })
                            try await node.write { try $0.keys.recordUse(of: uses) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            return try await nodes[0].read { try $0.keys.list(after: nil, limit: 1000) }
        }
        #expect(Set(keys.map(\.lastUsedAt)) == [clock.now + .seconds(59)])
        #expect(deadlocks == 0)
    }

    /// The recipient subscribes again by a link while a complaint arrives: the complaint stays.
    @Test func anEntryIsDeletedOnlyForTheReasonThatWasRead() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            let address = EmailAddress(validated: "reader@example.org")
            let entry = try await nodes.first.write { tx in
                try tx.suppressions.insert(address, accountID: domain.accountID, reason: .unsubscribe, note: nil)
                return try #require(try tx.suppressions.find(address, sender: nil, accountID: domain.accountID))
            }
            let removed = try await nodes.whileHeld {
                try $0.suppressions.insert(address, accountID: domain.accountID, reason: .complaint, note: nil)
                try $0.flush()
            } _: { node in
                try await node.write { try $0.suppressions.delete(entry.id, of: domain.accountID, reason: .unsubscribe) }
            }
            #expect(removed == nil)
            #expect(try await nodes.first.read { try $0.suppressions.find(entry.id) }?.entry.reason == .complaint)
        }
    }
}
