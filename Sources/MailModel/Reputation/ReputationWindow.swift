/// What an account sent and what came back.
public struct ReputationCounts: Sendable, Equatable {
    public var sent: Int64
    /// Bounces and complaints that count (specification 4.4), one per recipient.
    public var bounces: Int64
    public var complaints: Int64

    public init(sent: Int64 = 0, bounces: Int64 = 0, complaints: Int64 = 0) {
        self.sent = sent
        self.bounces = bounces
        self.complaints = complaints
    }

    public var bounceRate: Rate { Rate(bounces, of: sent) }
    public var complaintRate: Rate { Rate(complaints, of: sent) }
    public var isEmpty: Bool { self == ReputationCounts() }

    public static func + (lhs: Self, rhs: Self) -> Self {
        Self(sent: lhs.sent + rhs.sent, bounces: lhs.bounces + rhs.bounces, complaints: lhs.complaints + rhs.complaints)
    }

    public static func += (lhs: inout Self, rhs: Self) {
        lhs = lhs + rhs
    }

    public static func - (lhs: Self, rhs: Self) -> Self {
        Self(sent: lhs.sent - rhs.sent, bounces: lhs.bounces - rhs.bounces, complaints: lhs.complaints - rhs.complaints)
    }
}

/// The counts that an account is judged by: those of the last ``Reputation/days`` days, or of the time since it was let go on.
public struct ReputationWindow: Sendable, Equatable {
    public var counts: ReputationCounts
    public var since: Timestamp
    /// The window began with a review.
    public var isReviewed: Bool

    public init(counts: ReputationCounts, since: Timestamp, isReviewed: Bool = false) {
        self.counts = counts
        self.since = since
        self.isReviewed = isReviewed
    }
}

/// What the operator decides about an account (specification 4.4).
public enum ReviewDecision: String, Sendable, CaseIterable {
    /// The account goes on, judged by what it sends from now on.
    case lift
    /// It stays as it is.
    case keep
    /// It is blocked, whatever its rates: a breach of the acceptable use policy.
    case block
}

/// A decision that was taken.
public struct AccountReview: Sendable, Equatable {
    public var decision: ReviewDecision
    public var note: String?
    /// What the account was before.
    public var status: Account.Status
    public var at: Timestamp

    public init(decision: ReviewDecision, note: String?, status: Account.Status, at: Timestamp) {
        self.decision = decision
        self.note = note
        self.status = status
        self.at = at
    }
}

/// How an account stands, as its owner and the operator see it.
public struct ReputationReport: Sendable, Equatable {
    public var account: Account
    /// Why it is not `ok`.
    public var reason: String?
    public var window: ReputationWindow
    /// What the operator decided, newest first.
    public var reviews: [AccountReview]

    public init(account: Account, reason: String?, window: ReputationWindow, reviews: [AccountReview]) {
        self.account = account
        self.reason = reason
        self.window = window
        self.reviews = reviews
    }
}
