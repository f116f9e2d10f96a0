import MailModel
import Storage
import TestSupport
import Testing

@testable import Sending

/// Concurrent changes of one template or subscription.
@Suite(.timeLimit(.minutes(1)))
struct SendingRaceTests {
    private let clock = TestClock()
    private static let links = SubscriptionLinks(secret: Array(repeating: 8, count: 32), base: "https://mail.example")

    private static func subscriptions(_ store: Store) -> SubscriptionService {
        SubscriptionService(store: store, submission: Submission(store: store, gate: Gate()), links: links)
    }

    private static var request: SubscriptionRequest {
        SubscriptionRequest(email: "reader@example.org", list: "news", from: "news@shop.example")
    }

    private static func emails(_ store: Store) async throws -> [Email] {
        try await store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 100).emails }
    }

    @Test(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"))
    func `a template that is being deleted cannot be replaced`() async throws {
        try await withNodePair(clock: clock) { nodes in
            let account = try await nodes.first.write { try $0.accounts.findOrInsert(reference: "acme") }
            let texts = TemplateService.Texts(subject: "s", text: "t", html: nil)
            _ = try await TemplateService(store: nodes.first).create("welcome", texts, of: account, by: .master)
            let replaced = try await nodes.whileHeld {
                _ = try $0.templates.delete("welcome", of: account.id)
            } _: { node in
                try await TemplateService(store: node).replace("welcome", texts, of: account, by: .master)
            }
            #expect(replaced == nil)
        }
    }

    /// The link of a request that lost the race is not mailed.
    @Test(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"))
    func `one link is mailed for a subscription`() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("shop.example")
            let first = Subscription(
                id: SubscriptionID(at: clock.now), accountID: domain.accountID, list: "news",
                address: EmailAddress(validated: "reader@example.org"), sender: EmailAddress(validated: "news@shop.example"),
                createdAt: clock.now, mailedAt: clock.now)
            let (second, note) = try await nodes.whileHeld { (tx) throws in
                #expect(try tx.subscriptions.insert(first, replacing: nil))
            } _: { node in
                try await Self.subscriptions(node).request(Self.request, by: .master)
            }
            #expect(second.id == first.id && note != nil)
            #expect(try await Self.emails(nodes.second).isEmpty)
        }
    }

    @Test func `concurrent requests mail one link`() async throws {
        try await withStore(clock: clock) { store in
            _ = try await store.makeDomain("shop.example")
            let service = Self.subscriptions(store)
            let ids = try await withThrowingTaskGroup(of: SubscriptionID.self) { group in
                for _ in 0..<8 { group.addTask { try await service.request(Self.request, by: .master).subscription.id } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await Self.emails(store).count == 1)
        }
    }

    /// An owner who confirmed in the meantime is not asked again.
    @Test func `a subscription is replaced only as it was read`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let known = Subscription(
                id: SubscriptionID(at: clock.now), accountID: domain.accountID, list: "news",
                address: EmailAddress(validated: "reader@example.org"), sender: EmailAddress(validated: "news@shop.example"),
                createdAt: clock.now, mailedAt: clock.now)
            var again = known
            again.mailedAt = clock.now + .seconds(3600)
            try await store.write { [again] tx in
                #expect(try tx.subscriptions.insert(known, replacing: nil))
                #expect(try !tx.subscriptions.insert(known, replacing: nil))
                #expect(try tx.subscriptions.insert(again, replacing: known))
                #expect(try !tx.subscriptions.insert(again, replacing: known))
                try tx.subscriptions.confirm(known.id, .init(at: tx.now, ipAddress: "192.0.2.1", userAgent: nil))
                #expect(try !tx.subscriptions.insert(again, replacing: again))
            }
        }
    }
}
