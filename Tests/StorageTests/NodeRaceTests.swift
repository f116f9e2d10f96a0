import MailModel
import TestSupport
import Testing

@testable import Storage

/// What one node decides while the other, which was first, is about to commit the opposite.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct NodeRaceTests {
    private let clock = TestClock()
    private static let url = "https://hooks.example/1"
    private static let rules = CallbackClaimRules(owner: "node")

    /// Queues a callback to the same receiver.
    private static func queueCallback(of domain: SendingDomain, in context: WriteContext) throws {
        let email = Email(
            id: EmailID(at: context.now), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
            sender: EmailAddress(validated: "a@shop.example"), recipient: EmailAddress(validated: "b@customer.example"),
            status: .queued, externalID: nil, clientID: nil, createdAt: context.now, updatedAt: context.now,
            content: EmailContent(subject: "s", text: "t", callbacks: [url]))
        try context.insert(email, dueAt: nil)
        try context.recordEvent(on: email.id, TimelineEntry(.sent, at: context.now), status: .sent, settles: true)
    }

    /// A receiver that was called long ago, and that retention may forget.
    private func withIdleLane(_ body: (NodePair, SendingDomain) async throws -> Void) async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            try await nodes.first.write { try Self.queueCallback(of: domain, in: $0) }
            let claims = try await nodes.first.write { try $0.claimCallbacks(Self.rules, limit: 10, underWay: [:]) }
            try await nodes.first.write { context in
                for claim in claims { try context.record(.delivered(.init(at: context.now, httpStatus: 200)), of: claim, owner: "node") }
            }
            clock.advance(by: .seconds(2 * 86_400))
            try await body(nodes, domain)
            #expect(try await nodes.first.write { try $0.claimCallbacks(Self.rules, limit: 10, underWay: [:]) }.count == 1)
        }
    }

    @Test func aReceiverThatIsBeingCalledAgainIsNotForgotten() async throws {
        try await withIdleLane { nodes, domain in
            try await nodes.whileHeld {
                try Self.queueCallback(of: domain, in: $0)
                try $0.flush()
            } _: { node in
                _ = try await node.write { try $0.pruneLanes(before: $0.now - RetentionPeriods().callbackLanes, limit: 100) }
            }
        }
    }

    @Test func aReceiverThatIsBeingForgottenIsKnownAgain() async throws {
        try await withIdleLane { nodes, domain in
            try await nodes.whileHeld { (context) throws in
                #expect(try context.pruneLanes(before: context.now - RetentionPeriods().callbackLanes, limit: 100) == 1)
            } _: { node in
                try await node.write { try Self.queueCallback(of: domain, in: $0) }
            }
        }
    }

    @Test func aDeliveryThatIsBeingRepeatedIsNotDeleted() async throws {
        try await withIdleLane { nodes, domain in
            clock.advance(by: .seconds(40 * 86_400))
            let delivery = try #require(
                try await nodes.first.read { try $0.callbackDeliveries(of: domain.accountID, status: nil, after: nil, limit: 1) }.first)
            try await nodes.whileHeld {
                try $0.replay(delivery)
            } _: { node in
                _ = try await node.write { try $0.pruneCallbacks(before: $0.now - RetentionPeriods().callbacks, limit: 100) }
            }
        }
    }

    /// Every node writes down about once a minute when keys were last used, and the busy keys are in use on all of them.
    @Test func usesOfKeysAreRecordedInOneOrder() async throws {
        let (keys, deadlocks) = try await withNodes(3, clock: clock) { nodes in
            let keys = try await nodes[0].write { context in
                let account = try context.findOrCreateAccount(reference: "acme")
                return try (0..<200).map {
                    try context.createAPIKey(of: account, name: "k", scopes: [.send], expiresAt: nil, tokenHash: [UInt8($0)]).id
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, node) in nodes.enumerated() {
                    group.addTask { [clock] in
                        for round in 0..<20 {
                            let time = clock.now + .seconds(3 * round + number)
                            // Each in an order of its own.
                            let uses = Dictionary(uniqueKeysWithValues: keys.shuffled().map { ($0, time) })
                            try await node.write { try $0.recordUse(of: uses) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            return try await nodes[0].read { try $0.apiKeys(after: nil, limit: 1000) }
        }
        #expect(Set(keys.map(\.lastUsedAt)) == [clock.now + .seconds(59)])
        #expect(deadlocks == 0)
    }

    /// The recipient subscribes again by a link while a complaint comes in: the complaint stays.
    @Test func anEntryIsTakenOffForTheReasonThatWasRead() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            let address = EmailAddress(validated: "reader@example.org")
            let entry = try await nodes.first.write { context in
                try context.suppress(address, accountID: domain.accountID, reason: .unsubscribe, note: nil)
                return try #require(try context.suppression(of: address, sender: nil, accountID: domain.accountID))
            }
            let removed = try await nodes.whileHeld {
                try $0.suppress(address, accountID: domain.accountID, reason: .complaint, note: nil)
                try $0.flush()
            } _: { node in
                try await node.write { try $0.removeSuppression(entry.id, of: domain.accountID, reason: .unsubscribe) }
            }
            #expect(removed == nil)
            #expect(try await nodes.first.read { try $0.suppression(entry.id) }?.entry.reason == .complaint)
        }
    }
}
