import Feedback
import MailModel
import Storage
import TestSupport
import Testing

/// The operator blocks an account while another node does something about it.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct ReputationRaceTests {
    private func whileOneIsBlocked(_ other: @escaping @Sendable (Store, Account) async throws -> Void) async throws -> ReputationReport {
        try await withNodePair { nodes in
            let account = try await nodes.first.write { tx in
                let account = try tx.accounts.findOrInsert(reference: "acme")
                tx.reputation.countSent(200, of: account.id)
                try JudgeAccount(accountID: account.id, bounces: 5, complaints: 0, reputation: Reputation()).run(in: tx)
                return account
            }
            let warned = try #require(try await nodes.first.read { try $0.accounts.find(reference: "acme") })
            #expect(warned.status == .warning)
            try await nodes.first.write { tx in
                // The rates fall: the warning would end.
                tx.reputation.countSent(100_000, of: account.id)
            }
            try await nodes.whileHeld {
                _ = try ReviewAccount(account: warned, decision: .block, note: nil, by: .master).run(in: $0)
            } _: { node in
                try await other(node, warned)
            }
            return try await nodes.second.read { tx in
                try tx.reputation.report(of: try #require(try tx.accounts.find(reference: "acme")))
            }
        }
    }

    @Test func theEndOfTheWarningDoesNotEndTheBlock() async throws {
        let report = try await whileOneIsBlocked { node, _ in
            _ = try await WarningExpiryJob(store: node, reputation: Reputation(), logger: silent).endWarnings()
        }
        #expect(report.account.status == .blocked)
    }

    @Test func aReviewRecordsTheStatusThatItFound() async throws {
        let report = try await whileOneIsBlocked { node, account in
            let kept = try await node.write { try ReviewAccount(account: account, decision: .keep, note: nil, by: .master).run(in: $0) }
            #expect(kept.status == .blocked)
        }
        #expect(report.reviews.map(\.status) == [.blocked, .warning])
    }
}
