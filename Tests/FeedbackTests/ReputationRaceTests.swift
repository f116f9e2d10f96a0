import MailModel
import Storage
import TestSupport
import Testing

/// The operator blocks an account while another node does something about it.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct ReputationRaceTests {
    private func whileOneIsBlocked(_ other: @escaping @Sendable (Store, Account) async throws -> Void) async throws -> ReputationReport {
        try await withNodePair { nodes in
            let account = try await nodes.first.write { context in
                let account = try context.findOrCreateAccount(reference: "acme")
                context.countSent(200, of: account.id)
                _ = try context.count(bounces: 5, complaints: 0, of: account.id, judgedBy: Reputation())
                return account
            }
            let warned = try #require(try await nodes.first.read { try $0.account(reference: "acme") })
            #expect(warned.status == .warning)
            try await nodes.first.write { context in
                // The rates fall: the warning would end.
                context.countSent(100_000, of: account.id)
            }
            try await nodes.whileHeld {
                _ = try $0.review(warned, .block, note: nil)
            } _: { node in
                try await other(node, warned)
            }
            return try await nodes.second.read { context in
                try context.reputationReport(of: try #require(try context.account(reference: "acme")))
            }
        }
    }

    @Test func aBlockIsNotTakenBackWithTheWarning() async throws {
        let report = try await whileOneIsBlocked { node, _ in
            _ = try await node.endWarnings(judgedBy: Reputation())
        }
        #expect(report.account.status == .blocked)
    }

    @Test func aReviewSaysWhatItFound() async throws {
        let report = try await whileOneIsBlocked { node, account in
            let kept = try await node.write { try $0.review(account, .keep, note: nil) }
            #expect(kept.status == .blocked)
        }
        #expect(report.reviews.map(\.status) == [.blocked, .warning])
    }
}
