import MailModel
import TestSupport
import Testing

@testable import Storage

/// An event of a message is received by one node while another records the email that the message is of.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct MessageOrderTests {
    enum Step: Sendable, CaseIterable {
        /// The event finds its email, or is stored until the email is known.
        case event
        /// The message's id is recorded, and the events that wait for it are applied.
        case record

        func intent(_ id: EmailID) -> WriteIntent {
            switch self {
            case .event: .event(EventIntent(messageID: "m", receipts: ["r"]))
            case .record: .email(id, messageID: "m")
            }
        }

        func run(_ id: EmailID, in tx: Transaction) throws {
            switch self {
            case .event:
                if let id = try tx.sesMessages.find("m") {
                    try apply(to: id, in: tx)
                } else {
                    try tx.unmatchedEvents.insert(messageID: "m", kind: "Bounce", source: nil, payload: "{}")
                }
            case .record:
                try tx.sesMessages.insert("m", of: id)
                for _ in try tx.unmatchedEvents.drain(messageID: "m") { try apply(to: id, in: tx) }
            }
        }

        private func apply(to id: EmailID, in tx: Transaction) throws {
            try tx.emails.recordEvent(on: id, TimelineEntry(.bounced, at: tx.now), status: .bounced, settles: true)
        }
    }

    @Test(arguments: Step.allCases)
    func `one of the two sees the other, whichever commits first`(first: Step) async throws {
        try await withNodePair { nodes in
            let email = try await makeEmail(on: nodes.first)
            let other: Step = first == .event ? .record : .event
            try await nodes.whileHeld(intent: first.intent(email)) {
                try first.run(email, in: $0)
            } _: { node in
                try await node.write(other.intent(email)) { try other.run(email, in: $0) }
            }
            #expect(try await nodes.first.read { try $0.emails.find(email)?.status } == .bounced)
            #expect(try await nodes.first.write { try $0.unmatchedEvents.drain(messageID: "m") } == [])
        }
    }

    private func makeEmail(on node: Store) async throws -> EmailID {
        let domain = try await node.makeDomain("shop.example")
        return try await node.write { tx in
            let email = Email.test(of: domain, at: tx.now)
            try tx.emails.insert(email, dueAt: nil)
            return email.id
        }
    }
}
