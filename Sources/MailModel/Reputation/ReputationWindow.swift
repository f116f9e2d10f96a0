/// The counts of an account: what it sent and what came back.
package struct ReputationCounts: Sendable, Equatable {
    /// Emails that were sent.
    package var sent: Int64
    /// Bounces and complaints that count (specification 4.4), one per recipient.
    package var bounces: Int64
    /// Complaints that count, one per recipient.
    package var complaints: Int64

    /// Counts of these values.
    package init(sent: Int64 = 0, bounces: Int64 = 0, complaints: Int64 = 0) {
        self.sent = sent
        self.bounces = bounces
        self.complaints = complaints
    }

    /// Bounces among what was sent.
    package var bounceRate: Rate { Rate(bounces, of: sent) }
    /// Complaints among what was sent.
    package var complaintRate: Rate { Rate(complaints, of: sent) }
    /// Whether all counts are 0.
    package var isEmpty: Bool { self == ReputationCounts() }

    /// The sum, count by count.
    package static func + (lhs: Self, rhs: Self) -> Self {
        Self(sent: lhs.sent + rhs.sent, bounces: lhs.bounces + rhs.bounces, complaints: lhs.complaints + rhs.complaints)
    }

    /// Adds counts, count by count.
    package static func += (lhs: inout Self, rhs: Self) {
        lhs = lhs + rhs
    }

    /// The difference, count by count.
    package static func - (lhs: Self, rhs: Self) -> Self {
        Self(sent: lhs.sent - rhs.sent, bounces: lhs.bounces - rhs.bounces, complaints: lhs.complaints - rhs.complaints)
    }
}

/// The counts that an account is judged by: those of the last ``Reputation/days`` days, or of the time since its last review.
package struct ReputationWindow: Sendable, Equatable {
    /// The counts within the window.
    package var counts: ReputationCounts
    /// When the window begins.
    package var since: Timestamp
    /// Whether the window began with a review.
    package var isReviewed: Bool

    /// A window with these values.
    package init(counts: ReputationCounts, since: Timestamp, isReviewed: Bool = false) {
        self.counts = counts
        self.since = since
        self.isReviewed = isReviewed
    }
}

/// The decision of a review of an account (specification 4.4).
package enum ReviewDecision: String, Sendable, CaseIterable {
    /// The account goes on, judged by what it sends from now on.
    case lift
    /// It stays as it is.
    case keep
    /// It is blocked, whatever its rates: a breach of the acceptable use policy.
    case block
}

/// A review of an account by the operator.
package struct AccountReview: Sendable, Equatable {
    /// What was decided.
    package var decision: ReviewDecision
    /// The operator's reason; `nil` for none.
    package var note: String?
    /// The status of the account before.
    package var status: Account.Status
    /// When it was decided.
    package var at: Timestamp

    /// A review with these values.
    package init(decision: ReviewDecision, note: String?, status: Account.Status, at: Timestamp) {
        self.decision = decision
        self.note = note
        self.status = status
        self.at = at
    }
}

/// The reputation of an account, as its owner and the operator see it.
package struct ReputationReport: Sendable, Equatable {
    /// The account with its present status.
    package var account: Account
    /// Why its status is not `ok`; `nil` where it is.
    package var reason: String?
    /// The counts that it is judged by.
    package var window: ReputationWindow
    /// The latest reviews, newest first.
    package var reviews: [AccountReview]
    /// The tenants of the account and its domains at the provider, with what it says of them.
    package var tenants: [NamedTenant] = []

    /// A report with these values.
    package init(account: Account, reason: String?, window: ReputationWindow, reviews: [AccountReview]) {
        self.account = account
        self.reason = reason
        self.window = window
        self.reviews = reviews
    }
}
