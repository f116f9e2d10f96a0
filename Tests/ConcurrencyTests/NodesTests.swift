import MailModel
import Storage
import TestSupport
import Testing

/// Concurrent changes by several nodes.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct NodesTests {
    private let clock = TestClock()

    /// Runs `body` on every node at once.
    private func onEach<Value: Sendable>(
        _ nodes: [Store], _ body: @escaping @Sendable (Store, Int) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: Value.self) { group in
            for (number, node) in nodes.enumerated() { group.addTask { try await body(node, number) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func aDomainNameIsInsertedOnce() async throws {
        try await withNodes(3) { nodes in
            for round in 0..<20 {
                let made = try await onEach(nodes) { node, number in
                    try await node.write { tx in
                        let account = try tx.accounts.findOrInsert(reference: "account\(round)")
                        let name = DomainName(validated: "d\(round).example")
                        return try tx.domains.insert(name, accountID: account.id, outbound: OutboundConfiguration()) != nil
                    }
                }
                #expect(made.count { $0 } == 1)
            }
        }
    }

    @Test func aNotificationWakesTheOtherNode() async throws {
        try await withNodes(2, clock: clock) { nodes in
            let domain = try await nodes[0].makeDomain("shop.example")
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await nodes[1].listen() }
                group.addTask { [clock] in
                    while !Task.isCancelled {
                        let email = Self.email(at: clock.now, domain)
                        try? await nodes[0].write { try $0.emails.insert(email, dueAt: $0.now) }
                        try? await Task.sleep(for: .milliseconds(5))
                    }
                }
                // Without the notification it would wait for longer than the suite may take.
                await nodes[1].emailsQueued.wait(atMost: .seconds(3600))
                group.cancelAll()
            }
        }
    }

    /// While one node records a delivered callback, the other enqueues the next change of the same email behind it.
    @Test func aCallbackNeverWaitsForADeliveredOne() async throws {
        try await withNodes(2, clock: clock) { nodes in
            let domain = try await nodes[0].makeDomain("shop.example")
            for round in 0..<8 {
                let emails = (0..<20).map { Self.email(at: clock.now, domain, callbacks: ["https://hooks.example/\(round)/\($0)"]) }
                try await nodes[0].write { tx in
                    for email in emails { try tx.emails.insert(email, dueAt: nil) }
                }
                try await Self.record(.sent, of: emails, on: nodes[0])
                let rules = CallbackClaimRules(owner: "n0")
                let claims = try await nodes[0].write { try $0.callbacks.claim(rules, limit: 100, underWay: [:]) }.claims
                #expect(claims.count == emails.count)
                let success = CallbackOutcome.delivered(CallbackAttempt(at: clock.now, httpStatus: 200))
                _ = try await onEach(nodes) { node, number in
                    guard number == 0 else { return try await Self.record(.delivered, of: emails, on: node) }
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for claim in claims {
                            group.addTask {
                                _ = try await node.write(.email(claim.delivery.emailID)) {
                                    try $0.callbacks.record(success, of: claim, owner: "n0")
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                }
                let next = try await nodes[0].write { try $0.callbacks.claim(rules, limit: 100, underWay: [:]) }.claims
                #expect(next.count == emails.count)
            }
        }
    }

    /// Records a change of status, each in a command of its own, as events arrive.
    private static func record(_ status: EmailStatus, of emails: [Email], on node: Store) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for email in emails {
                group.addTask {
                    try await node.write(.email(email.id)) {
                        try $0.emails.recordEvent(on: email.id, TimelineEntry(status, at: $0.now), status: status, settles: true)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Scheduled emails that are due are claimed by two nodes and cancelled by two others: each is either claimed or cancelled.
    @Test func anEmailIsEitherClaimedOrCancelled() async throws {
        let deadlocks = try await withNodes(4, clock: clock) { nodes in
            let domain = try await nodes[0].makeDomain("shop.example")
            var emails: [Email] = []
            for _ in 0..<120 {
                var email = Self.email(at: clock.now, domain)
                email.status = .scheduled
                emails.append(email)
            }
            try await nodes[0].write { [emails] tx in
                for email in emails { try tx.emails.insert(email, dueAt: tx.now) }
            }
            let ends = try await onEach(nodes) { [emails] node, number -> [EmailID] in
                var mine: [EmailID] = []
                for index in emails.indices {
                    if number < 2 {
                        mine += try await node.write { try TestClaim(owner: "n\(number)", limit: 1).run(in: $0) }.map(\.id)
                    } else {
                        let email = emails[number == 2 ? index : emails.count - 1 - index]
                        let before = try await node.write(.email(email.id, domain: domain.name)) {
                            try $0.queue.cancel(email.id, explanation: "test")
                        }
                        if before == .scheduled { mine.append(email.id) }
                    }
                }
                return mine
            }
            #expect(ends.joined().count == emails.count && Set(ends.joined()) == Set(emails.map(\.id)))
        }.deadlocks
        #expect(deadlocks == 0)
    }

    /// Callbacks of many emails to the same receivers are enqueued, claimed and recorded by all nodes in any order.
    @Test func sharedReceiverQueuesCauseNoDeadlock() async throws {
        let deadlocks = try await withNodes(3, clock: clock) { nodes in
            let domain = try await nodes[0].makeDomain("shop.example")
            // The queues exist: two nodes that insert the same ones in different orders would wait for each other.
            try await nodes[0].write { [clock] tx in
                let email = Self.email(at: clock.now, domain, callbacks: Self.receivers[...])
                try tx.emails.insert(email, dueAt: nil)
                try tx.emails.recordEvent(on: email.id, TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
            }
            _ = try await onEach(nodes) { [clock] node, number in
                var generator = SeededGenerator(seed: UInt64(number))
                let rules = CallbackClaimRules(owner: "node\(number)")
                for _ in 0..<40 {
                    let emails = (0..<5).map { _ in
                        Self.email(at: clock.now, domain, callbacks: Self.receivers.shuffled(using: &generator).prefix(3))
                    }
                    async let queued: Void = node.write { tx in
                        for email in emails {
                            try tx.emails.insert(email, dueAt: nil)
                            try tx.emails.recordEvent(on: email.id, TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
                        }
                    }
                    async let claims = node.write { try $0.callbacks.claim(rules, limit: 32, underWay: [:]).claims }
                    for claim in try await claims.shuffled(using: &generator) {
                        let outcome = CallbackOutcome.delivered(CallbackAttempt(at: clock.now, httpStatus: 200))
                        _ = try await node.write { try $0.callbacks.record(outcome, of: claim, owner: rules.owner) }
                    }
                    try await queued
                }
            }
            // The remaining callbacks can be claimed: no receiver queue was left without a due time.
            let rules = CallbackClaimRules(owner: "last", perReceiver: 10_000)
            while true {
                let claims = try await nodes[0].write { try $0.callbacks.claim(rules, limit: 1000, underWay: [:]) }.claims
                if claims.isEmpty { break }
                try await nodes[0].write { tx in
                    for claim in claims {
                        try tx.callbacks.record(.delivered(CallbackAttempt(at: tx.now, httpStatus: 200)), of: claim, owner: "last")
                    }
                }
            }
            let open = try await nodes[0].read { try $0.callbacks.list(of: domain.accountID, status: .pending, after: nil, limit: 10) }
            #expect(open.isEmpty)
        }.deadlocks
        #expect(deadlocks == 0)
    }

    private static let receivers = (0..<12).map { "https://r\($0).example/hook" }

    private static func email(at time: Timestamp, _ domain: SendingDomain, callbacks: ArraySlice<String> = []) -> Email {
        Email(
            id: EmailID(at: time), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
            sender: EmailAddress(validated: "a@shop.example"), recipient: EmailAddress(validated: "b@customer.example"),
            status: .queued, externalID: nil, clientID: nil, createdAt: time, updatedAt: time,
            content: EmailContent(subject: "s", text: "t", callbacks: Array(callbacks)))
    }
}
