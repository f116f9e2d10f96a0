import Feedback
import MailModel
import Storage
import TestSupport
import Testing

/// Feedback that comes to two nodes at the same moment.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct NodesTests {
    /// Bounces of the same few accounts by different domains, in another order on each node, with mail and decisions about the accounts between.
    @Test
    func `two nodes never lock the same rows crosswise`() async throws {
        let (accounts, domainsEach, events) = (4, 5, 150)
        let names = (0..<accounts * domainsEach).map { DomainName(validated: "d\($0).example") }
        let deadlocks = try await withNodes(2) { nodes in
            var guillotine = Guillotine()
            guillotine.bouncePercent = Percent(100)
            let services = nodes.map { FeedbackService(store: $0, guillotine: guillotine, logger: silent) }
            var domains: [SendingDomain] = []
            for (number, name) in names.enumerated() {
                domains.append(
                    try await nodes[0].makeDomain(name.description, account: "account\(number % accounts)") {
                        $0.counters.sentThisMonth = 1_000_000
                    })
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (node, service) in services.enumerated() {
                    var generator = SeededGenerator(seed: UInt64(node))
                    for number in (0..<events).shuffled(using: &generator) {
                        let domain = domains[number % domains.count]
                        group.addTask {
                            var event = TestEvent.bounce(of: ["n\(node)-\(number)@x.example"]).about("n\(node)-m\(number)")
                            event.source = "app@mail.\(domain.name)"
                            try await service.ingest(event.bytes, receipt: "n\(node)-\(number)")
                        }
                        group.addTask {
                            try await nodes[node].write(.domain(domain.name)) { tx in
                                guard var domain = try tx.domains.find(named: domain.name) else { return }
                                _ = domain.admit(1, by: Gate())
                                tx.domains.update(domain)
                            }
                        }
                        guard number % 10 == 0 else { continue }
                        group.addTask {
                            let reputation = ReputationService(store: nodes[node], reputation: Reputation())
                            _ = try await reputation.review("account\(number % accounts)", .lift, note: nil, by: .master)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for name in names {
                let domain = try await nodes[1].domain(name.description)
                #expect(domain.counters.bounces == Int64(2 * (events / names.count + (events % names.count > domain.index ? 1 : 0))))
            }
        }.deadlocks
        #expect(deadlocks == 0)
    }
}

extension SendingDomain {
    /// The number in the name `d7.example`.
    fileprivate var index: Int { Int(name.description.dropFirst().prefix { $0 != "." }) ?? 0 }
}
