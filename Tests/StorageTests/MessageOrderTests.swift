import Database
import MailModel
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// An event of a message comes to one node while another records which email the message is.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct MessageOrderTests {
    enum Step: Sendable, CaseIterable { case event, record }

    /// What an event leads to: it finds its email, or is kept for it.
    private static func takeIn(_ context: WriteContext) throws {
        if let id = try context.emailID(sesMessageID: "m") {
            try apply(to: id, in: context)
        } else {
            try context.keepUnmatchedEvent(messageID: "m", kind: "Bounce", source: nil, payload: "{}")
        }
    }

    private static func record(_ id: EmailID, _ context: WriteContext) throws {
        try context.recordSESMessage("m", of: id)
        for _ in try context.takeUnmatchedEvents(messageID: "m") { try apply(to: id, in: context) }
    }

    private static func apply(to id: EmailID, in context: WriteContext) throws {
        try context.recordEvent(on: id, TimelineEntry(.bounced, at: context.now), status: .bounced, settles: true)
    }

    /// The first is held before its commit until the second waits for it, or has passed it by.
    @Test(arguments: Step.allCases)
    func `one of the two sees the other, whichever commits first`(first: Step) async throws {
        try await withNodes(2) { nodes in
            let email = try await makeEmail(on: nodes[0])
            let second = Passed()
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            @Sendable func run(_ step: Step, on node: Store, isHeld: Bool) async throws {
                let intent: WriteIntent =
                    step == .event ? .event(EventIntent(messageID: "m", receipts: ["r"])) : .email(email, messageID: "m")
                try await node.write(intent) { context in
                    if step == .event { try Self.takeIn(context) } else { try Self.record(email, context) }
                    guard isHeld else { return second.set() }
                    begin.finish()
                    try context.waitForBlockedSession { second.isSet }
                }
            }
            let (one, other) = first == .event ? (Step.event, Step.record) : (.record, .event)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await run(one, on: nodes[0], isHeld: true) }
                for await _ in begun {}
                group.addTask { try await run(other, on: nodes[1], isHeld: false) }
                try await group.waitForAll()
            }
            #expect(try await nodes[0].read { try $0.email(email)?.status } == .bounced)
            #expect(try await nodes[0].write { try $0.takeUnmatchedEvents(messageID: "m") } == [])
        }
    }

    private func makeEmail(on node: Store) async throws -> EmailID {
        let domain = try await node.makeDomain("shop.example")
        return try await node.write { context in
            let email = Email(
                id: EmailID(at: context.now), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
                sender: EmailAddress(validated: "a@shop.example"), recipient: EmailAddress(validated: "b@customer.example"),
                status: .queued, externalID: nil, clientID: nil, createdAt: context.now, updatedAt: context.now,
                content: EmailContent(subject: "s", text: "t"))
            try context.insert(email, dueAt: nil)
            return email.id
        }
    }
}

private final class Passed: Sendable {
    private let flag = Mutex(false)
    var isSet: Bool { flag.withLock { $0 } }
    func set() { flag.withLock { $0 = true } }
}

extension WriteContext {
    /// Returns once the server says that a session waits for a lock of this database, or `isOver`. Each question is a journey to the server, which is waited for.
    fileprivate func waitForBlockedSession(orUntil isOver: () -> Bool) throws {
        let question = """
            SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        while try !isOver() && transaction.first(question, [], { $0.integer(0) }) == 0 {}
    }
}
