import MailModel
import Testing

struct ReputationTests {
    private func status(
        bounces: Int64 = 0, complaints: Int64 = 0, of sent: Int64, isReviewed: Bool = false, _ reputation: Reputation = Reputation()
    ) -> Account.Status {
        let counts = ReputationCounts(sent: sent, bounces: bounces, complaints: complaints)
        return reputation.verdict(
            on: ReputationWindow(counts: counts, since: Timestamp(milliseconds: 0), isReviewed: isReviewed)
        ).status
    }

    /// The thresholds of specification 8.1: at, just below and just above each.
    @Test(
        arguments: [
            (24_999, 1_000_000, .ok), (25_000, 1_000_000, .warning), (25_001, 1_000_000, .warning), (49_999, 1_000_000, .warning),
            (50_000, 1_000_000, .blocked), (50_001, 1_000_000, .blocked), (24, 1000, .ok), (25, 1000, .warning), (26, 1000, .warning),
            (49, 1000, .warning), (50, 1000, .blocked), (51, 1000, .blocked), (2, 100, .ok), (3, 100, .warning), (5, 100, .blocked),
            (0, 100, .ok),
            (1000, 1000, .blocked), (1001, 1000, .blocked),
        ] as [(Int64, Int64, Account.Status)])
    func bounceRates(bounces: Int64, sent: Int64, expected: Account.Status) {
        #expect(status(bounces: bounces, of: sent) == expected)
    }

    @Test(
        arguments: [
            (499, 1_000_000, .ok), (500, 1_000_000, .warning), (501, 1_000_000, .warning), (999, 1_000_000, .warning),
            (1000, 1_000_000, .blocked), (1001, 1_000_000, .blocked), (1, 2001, .ok), (1, 2000, .warning), (1, 1999, .warning),
            (1, 1001, .warning), (1, 1000, .blocked), (1, 999, .blocked), (1, 100, .blocked),
        ] as [(Int64, Int64, Account.Status)])
    func complaintRates(complaints: Int64, sent: Int64, expected: Account.Status) {
        #expect(status(complaints: complaints, of: sent) == expected)
    }

    @Test(arguments: [(99, .ok), (100, .blocked), (101, .blocked)] as [(Int64, Account.Status)])
    func belowTheMinimumNobodyIsJudged(sent: Int64, expected: Account.Status) {
        #expect(status(bounces: 99, complaints: 99, of: sent) == expected)
    }

    @Test func theMinimumIsASetting() {
        var reputation = Reputation()
        reputation.minimumSent = 0
        #expect(status(bounces: 1, of: 1, reputation) == .blocked)
        #expect(status(bounces: 1, of: 0, reputation) == .ok)
    }

    @Test func theWorseRateDecides() {
        let counts = ReputationCounts(sent: 1000, bounces: 30, complaints: 1)
        let verdict = Reputation().verdict(on: ReputationWindow(counts: counts, since: Timestamp(milliseconds: 0)))
        #expect(verdict.status == .blocked)
        #expect(verdict.explanation == "reputation: complaint rate 0.1 % has reached 0.1 % (1 of 1000 in 30 days)")
        #expect(status(bounces: 50, complaints: 1, of: 2000) == .warning)
    }

    @Test func afterAReviewASingleEventIsNotJudged() {
        #expect(status(complaints: 1, of: 100, isReviewed: true) == .ok)
        #expect(status(complaints: 2, of: 100, isReviewed: true) == .blocked)
    }
}
