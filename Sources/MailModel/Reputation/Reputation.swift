/// The thresholds from which on an account's sending endangers the reputation that all accounts share (specification 8.1).
package struct Reputation: Sendable, Equatable {
    /// The rates from which on, inclusively, an account is warned or blocked.
    package struct Thresholds: Sendable, Equatable {
        /// From this rate on an account is warned.
        package var warning: Percent
        /// From this rate on an account is blocked.
        package var block: Percent
    }

    /// The thresholds of the bounce rate.
    package var bounces = Thresholds(warning: Percent(millionths: 2_500_000), block: Percent(5))
    /// The thresholds of the complaint rate.
    package var complaints = Thresholds(warning: Percent(millionths: 50_000), block: Percent(millionths: 100_000))
    /// Accounts that sent fewer emails than this in the window are not judged: a few messages show no pattern.
    package var minimumSent: Int64 = 100

    /// The length of the window in days, including the present one.
    package static let days: Int64 = 30

    /// The default thresholds.
    package init() {}

    /// What an account's counts amount to.
    package struct Verdict: Sendable, Equatable {
        /// The status that the account should have.
        package var status: Account.Status
        /// Why, in a sentence; empty for the status `ok`.
        package var explanation: String

        static let fine = Verdict(status: .ok, explanation: "")
    }

    /// Judges an account by the worse of its two rates in the window.
    package func verdict(on window: ReputationWindow) -> Verdict {
        let counts = window.counts
        guard counts.sent >= minimumSent else { return .fine }
        // After a review a single late bounce of the old mail must not stop the account again.
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
    /// A number by which statuses compare: the higher is the worse.
    package var severity: Int {
        switch self {
        case .ok: 0
        case .warning: 1
        case .blocked: 2
        }
    }
}
