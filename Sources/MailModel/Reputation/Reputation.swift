/// When an account's sending endangers the reputation that all accounts share (specification 8.1).
package struct Reputation: Sendable, Equatable {
    /// From these rates on, each included, an account is warned or blocked.
    package struct Thresholds: Sendable, Equatable {
        package var warning: Percent
        package var block: Percent
    }

    package var bounces = Thresholds(warning: Percent(millionths: 2_500_000), block: Percent(5))
    package var complaints = Thresholds(warning: Percent(millionths: 50_000), block: Percent(millionths: 100_000))
    /// Accounts that sent fewer than this in the window are not judged: what is asked for is a pattern, not a single message.
    package var minimumSent: Int64 = 100

    /// How many days are judged, today included.
    package static let days: Int64 = 30

    package init() {}

    package struct Verdict: Sendable, Equatable {
        package var status: Account.Status
        /// Why, in a sentence; empty for an account that is all right.
        package var explanation: String

        static let fine = Verdict(status: .ok, explanation: "")
    }

    /// Judges an account by what it sent in the window: by the worse of its two rates.
    package func verdict(on window: ReputationWindow) -> Verdict {
        let counts = window.counts
        guard counts.sent >= minimumSent else { return .fine }
        // Who has just let an account go on does not want it stopped by the first straggler of the old mail.
        if window.isReviewed, counts.bounces + counts.complaints <= 1 { return .fine }
        let byBounces = verdict("bounce", counts.bounceRate, bounces)
        let byComplaints = verdict("complaint", counts.complaintRate, complaints)
        return byComplaints.status.severity > byBounces.status.severity ? byComplaints : byBounces
    }

    private func verdict(_ name: String, _ rate: Rate, _ thresholds: Thresholds) -> Verdict {
        func reached(_ threshold: Percent) -> String {
            "reputation: \(name) rate \(rate.percent) % has reached \(threshold) % (\(rate.count) of \(rate.total) in \(Self.days) days)"
        }
        if rate >= thresholds.block { return Verdict(status: .blocked, explanation: reached(thresholds.block)) }
        if rate >= thresholds.warning { return Verdict(status: .warning, explanation: reached(thresholds.warning)) }
        return .fine
    }
}

extension Account.Status {
    /// Which of two is worse.
    package var severity: Int {
        switch self {
        case .ok: 0
        case .warning: 1
        case .blocked: 2
        }
    }
}
