import Feedback
import MailModel
import Storage
import TestSupport
import Testing

/// SNS keeps no order: every order has to end in the same state.
@Suite(.timeLimit(.minutes(3)))
struct OrderTests {
    /// A step in the story of one email: an event, or our own record of SES's id.
    enum Step: Sendable {
        case event(TestEvent)
        case ownRecord
    }

    struct Story: Sendable {
        let name: String
        let steps: [Step]
        let status: EmailStatus
        var bounces: Int64 = 0
        var complaints: Int64 = 0
        /// Whether the events carry our id.
        var isTagged = false
        /// Why the address is suppressed in the end, with one soft bounce for a row.
        var suppression: SuppressionReason?
    }

    static let stories: [Story] = [
        Story(
            name: "complaint", steps: [.ownRecord, .event(.send), .event(.delivery), .event(.open), .event(.click), .event(.complaint())],
            status: .complained, complaints: 1, suppression: .complaint),
        Story(
            name: "late bounce", steps: [.ownRecord, .event(.delay), .event(.delivery), .event(.bounce("Transient")), .event(.bounce())],
            status: .bouncedPermanent, bounces: 1, suppression: .hardBounce),
        Story(
            name: "tagged", steps: [.event(.send), .event(.bounce("Undetermined")), .event(.delivery), .event(.open), .ownRecord],
            status: .open, bounces: 1, isTagged: true),
        Story(
            name: "soft bounce", steps: [.ownRecord, .event(.send), .event(.delay), .event(.bounce("Transient", subType: "MailboxFull"))],
            status: .bounced, suppression: .softBounce),
        Story(
            name: "soft bounce and delivery",
            steps: [
                .ownRecord, .event(.send), .event(.bounce("Transient")), .event(.bounce("Transient", subType: "MailboxFull")),
                .event(.delivery), .event(.open),
            ],
            status: .open),
        Story(
            name: "soft and hard bounce", steps: [.ownRecord, .event(.bounce("Transient")), .event(.bounce()), .event(.click)],
            status: .bouncedPermanent, bounces: 1, suppression: .hardBounce),
        Story(name: "rejected", steps: [.ownRecord, .event(.send), .event(.reject)], status: .notSent),
    ]

    @Test(arguments: stories)
    func `every order ends in the same status, counts and timeline`(story: Story) async throws {
        var guillotine = Guillotine()
        guillotine.bouncePercent = Percent(100)
        try await withFeedback(guillotine: guillotine, rules: FeedbackRules(softBounceLimit: 1)) { service, store, domain in
            let orders = permutations(Array(story.steps.indices))
            // Concurrently, because each step waits for the disk; the steps of one email one after the other.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, order) in orders.enumerated() {
                    group.addTask { try await check(story, order, number, service, store, domain) }
                }
                try await group.waitForAll()
            }
            let counters = try await store.domain("example.com").counters
            #expect(counters.bounces == story.bounces * Int64(orders.count))
            #expect(counters.complaints == story.complaints * Int64(orders.count))
        }
    }

    private func check(
        _ story: Story, _ order: [Int], _ number: Int, _ service: FeedbackService, _ store: Store, _ domain: SendingDomain
    ) async throws {
        let address = "r\(number)@example.com"
        let email = try await store.makeEmail(of: domain, to: address)
        let messageID = "m-\(number)"
        for index in order {
            switch story.steps[index] {
            case .event(let event):
                try await service.ingest(
                    event.about(messageID, id: story.isTagged ? email.id : nil).to(address).bytes, receipt: "\(messageID)-\(index)")
            case .ownRecord:
                try await store.write { try $0.queue.record(.sent(messageID: messageID), of: email.id, owner: "n") }
            }
        }
        #expect(try await store.status(of: email) == story.status, "\(order)")
        #expect(try await store.timeline(of: email).count == story.steps.count + 1, "\(order)")
        #expect(try await store.drainWaiting(messageID) == 0, "\(order)")
        let suppression = try await store.write {
            try $0.suppressions.find(EmailAddress(validated: address), sender: nil, accountID: domain.accountID)
        }
        #expect(suppression?.entry.reason == story.suppression, "\(order)")
    }

    /// All orders of the elements.
    private func permutations(_ elements: [Int]) -> [[Int]] {
        guard let first = elements.first else { return [[]] }
        return permutations(Array(elements.dropFirst())).flatMap { rest in
            (0...rest.count).map { index in
                var order = rest
                order.insert(first, at: index)
                return order
            }
        }
    }
}
