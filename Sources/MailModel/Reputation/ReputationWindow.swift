/// What an account sent and what came back.
package struct ReputationCounts: Sendable, Equatable {
    package var sent: Int64
    /// Bounces and complaints that count (specification 4.4), one per recipient.
    package var bounces: Int64
    package var complaints: Int64

    package init(sent: Int64 = 0, bounces: Int64 = 0, complaints: Int64 = 0) {
        self.sent = sent
        self.bounces = bounces
        self.complaints = complaints
    }

    package var bounceRate: Rate { Rate(bounces, of: sent) }
    package var complaintRate: Rate { Rate(complaints, of: sent) }
    package var isEmpty: Bool { self == ReputationCounts() }

    package static func + (lhs: Self, rhs: Self) -> Self {
        Self(sent: lhs.sent + rhs.sent, bounces: lhs.bounces + rhs.bounces, complaints: lhs.complaints + rhs.complaints)
    }

    package static func += (lhs: inout Self, rhs: Self) {
        lhs = lhs + rhs
    }

    package static func - (lhs: Self, rhs: Self) -> Self {
        Self(sent: lhs.sent - rhs.sent, bounces: lhs.bounces - rhs.bounces, complaints: lhs.complaints - rhs.complaints)
    }
}

/// The counts that an account is judged by: those of the last ``Reputation/days`` days, or of the time since it was let go on.
package struct ReputationWindow: Sendable, Equatable {
    package var counts: ReputationCounts
    package var since: Timestamp
    /// The window began with a review.
    package var isReviewed: Bool

    package init(counts: ReputationCounts, since: Timestamp, isReviewed: Bool = false) {
        self.counts = counts
        self.since = since
        self.isReviewed = isReviewed
    }
}

/// What the operator decides about an account (specification 4.4).
package enum ReviewDecision: String, Sendable, CaseIterable {
    /// The account goes on, judged by what it sends from now on.
    case lift
    /// It stays as it is.
    case keep
    /// It is blocked, whatever its rates: a breach of the acceptable use policy.
    case block
}

/// A decision that was taken.
package struct AccountReview: Sendable, Equatable {
    package var decision: ReviewDecision
    package var note: String?
    /// What the account was before.
    package var status: Account.Status
    package var at: Timestamp

    package init(decision: ReviewDecision, note: String?, status: Account.Status, at: Timestamp) {
        self.decision = decision
        self.note = note
        self.status = status
        self.at = at
    }
}

/// How an account stands, as its owner and the operator see it.
package struct ReputationReport: Sendable, Equatable {
    package var account: Account
    /// Why it is not `ok`.
    package var reason: String?
    package var window: ReputationWindow
    /// What the operator decided, newest first.
    package var reviews: [AccountReview]

    package init(account: Account, reason: String?, window: ReputationWindow, reviews: [AccountReview]) {
        self.account = account
        self.reason = reason
        self.window = window
        self.reviews = reviews
    }
}
