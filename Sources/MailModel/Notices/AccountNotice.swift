/// Something that an account has to be told: by callbacks, a line on its dashboard and an email to its contacts (specification 7.3).
package struct AccountNotice: Sendable, Equatable {
    /// The kind of a notice.
    package enum Event: String, Sendable, CaseIterable {
        /// A rate of the account has reached the threshold of a warning.
        case accountWarning = "account.warning"
        /// New emails are refused until the master has reviewed the account.
        case accountBlocked = "account.blocked"
        /// The master has decided on a block.
        case accountReviewed = "account.reviewed"
        /// What the provider says of the reputation of the account's tenant has changed.
        case accountReputation = "account.reputation"
        /// The account has used 80 or 100 % of one of its limits.
        case accountQuota = "account.quota"
        /// The bounce rate of one of its domains, or the operator, has suspended that domain.
        case domainSuspended = "domain.suspended"
        /// A suspended domain may send again.
        case domainResumed = "domain.resumed"
        /// A domain has used 80 or 100 % of one of its limits.
        case domainQuota = "domain.quota"
        /// What the provider says of the reputation of a domain's tenant has changed.
        case domainReputation = "domain.reputation"
        /// SES has verified a domain: it may send.
        case domainVerified = "domain.verified"
        /// A receiver of callbacks keeps failing.
        case callbacksFailing = "callbacks.failing"
    }

    /// What happened.
    package var event: Event
    /// The domain that it is about, where it is about one.
    package var domain: DomainName?
    /// The limit that was reached, where it is about one.
    package var quota: QuotaUse?
    /// The host of the receiver that it is about, where it is about one.
    package var receiver: String?
    /// What happened, in an English sentence for people.
    package var explanation: String
    /// By what the account is told once only: a second notice of the same key is dropped; `nil` for one that is never dropped.
    package var onceKey: String?

    /// A notice.
    package init(
        _ event: Event, domain: DomainName? = nil, quota: QuotaUse? = nil, receiver: String? = nil, explanation: String,
        onceKey: String? = nil
    ) {
        self.event = event
        self.domain = domain
        self.quota = quota
        self.receiver = receiver
        self.explanation = explanation
        self.onceKey = onceKey
    }

    /// Which of its kind it is, such as `day.80`; empty for a kind that has no levels.
    package var level: String {
        quota.map { "\($0.period.rawValue).\($0.level.rawValue)" } ?? ""
    }

    /// What it is about within the account: a domain's name; empty for the account itself and its callbacks.
    package var subject: String { domain?.description ?? "" }
}

/// How far a limit is used: a notice of ``AccountNotice/Event/domainQuota`` or ``AccountNotice/Event/accountQuota``.
package struct QuotaUse: Sendable, Equatable {
    /// The period that a limit is for.
    package enum Period: String, Sendable, CaseIterable {
        case day, month
    }

    /// The parts of a limit, in percent, of which an account is told.
    package enum Level: Int64, Sendable, CaseIterable {
        case near = 80
        case reached = 100
    }

    /// The period that the limit is for.
    package var period: Period
    /// The highest level that was reached.
    package var level: Level
    /// The limit in emails.
    package var limit: Int64
    /// The emails that count against it.
    package var sent: Int64

    /// A use of these values.
    package init(period: Period, level: Level, limit: Int64, sent: Int64) {
        self.period = period
        self.level = level
        self.limit = limit
        self.sent = sent
    }

    /// Returns the level that a count reaches when it rises, where it was below that level before; `nil` where none is reached.
    ///
    /// A count that passes both at once reaches the higher one. 80 % of a limit is rounded up to a whole email.
    ///
    /// - Parameters:
    ///   - limit: 0 is none.
    ///   - before: the count before it rose.
    ///   - after: the count now.
    package static func reached(_ period: Period, of limit: Int64, from before: Int64, to after: Int64) -> QuotaUse? {
        // Most messages end here: the gate asks for each of them.
        let near = limit - limit / 5
        guard limit > 0, after >= near else { return nil }
        let level: Level = after >= limit ? .reached : .near
        guard before < (level == .reached ? limit : near) else { return nil }
        return QuotaUse(period: period, level: level, limit: limit, sent: after)
    }

    /// What was used, in English, for a domain or for an account as a whole.
    package func explanation(_ subject: String) -> String {
        let name = period == .day ? "daily" : "monthly"
        switch level {
        case .near: return "\(subject) has used \(level.rawValue) % of its \(name) limit: \(sent) of \(limit) emails."
        case .reached: return "\(subject) has reached its \(name) limit of \(limit) emails: \(sent) were sent."
        }
    }
}
