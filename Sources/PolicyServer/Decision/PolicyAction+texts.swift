package import MailModel

// The texts of the actions (specification 11.3). They are read in the mail client of a sender or in the log of a postmaster.

extension PolicyAction {
    /// Creates the action for a decision of the gate.
    ///
    /// - Parameters:
    ///   - domain: the domain as the gate saw it, with the counters of the present day and month.
    ///   - quota: that of its account, as the gate saw it; `nil` where the account has no limits.
    ///   - recipients: how many emails the message counts for.
    package init(_ decision: Gate.Decision, on domain: SendingDomain, within quota: AccountQuota? = nil, recipients: Int64) {
        guard let reason = decision.reason else {
            self = .dunno
            return
        }
        if decision.allowed {
            self.init(.prepend, "X-Martlet-Quota: \(reason.rawValue)")
        } else {
            self.init(refusing: reason, domain, quota, recipients)
        }
    }

    private init(refusing reason: Gate.Reason, _ domain: SendingDomain, _ quota: AccountQuota?, _ recipients: Int64) {
        let name = domain.name
        switch reason {
        case .domainNotVerified:
            self.init(.reject, "5.7.1 The domain \(name) may not send yet: it is not verified")
        case .accountBlocked:
            self.init(.reject, "5.7.1 The account of \(name) is blocked until its sending was reviewed")
        case .suspended, .suspendedSoft:
            self.init(.reject, "5.7.1 Outbound mail of \(name) is suspended\(domain.outbound.suspendedReason.map { ": \($0)" } ?? "")")
        case .monthlyLimit, .monthlyLimitSoft:
            let opens = domain.counters.month.next.start
            self.init(.reject, "5.7.1 " + domain.exceeded("monthly limit", domain.monthlyUse, recipients, until: opens))
        case .dailyLimit, .dailyLimitSoft:
            self.init(.deferIfPermit, "4.7.1 " + domain.exceeded("daily limit", domain.dailyUse, recipients, until: domain.tomorrow))
        case .warmupLimit, .warmupLimitSoft:
            self.init(.deferIfPermit, "4.7.1 " + domain.exceeded("warm-up limit", domain.warmupUse, recipients, until: domain.tomorrow))
        case .accountMonthlyLimit, .accountMonthlyLimitSoft:
            let use = quota.map { ($0.sentThisMonth, $0.limits.monthlyLimit) } ?? (0, 0)
            let opens = domain.counters.month.next.start
            self.init(.reject, "5.7.1 The account of " + domain.exceeded("monthly limit", use, recipients, until: opens))
        case .accountDailyLimit, .accountDailyLimitSoft:
            let use = quota.map { ($0.sentToday, $0.limits.dailyLimit) } ?? (0, 0)
            self.init(
                .deferIfPermit, "4.7.1 The account of " + domain.exceeded("daily limit", use, recipients, until: domain.tomorrow))
        case .spike, .spikeSoft:
            self.init(
                .deferIfPermit,
                "4.7.1 \(name) sends far more than on other days, \(domain.counters.sentToday) emails today; opens again \(domain.tomorrow.minute)"
            )
        }
    }

    /// Creates the action for mail of a domain that does not belong to the account of the login.
    ///
    /// Whose it is is not said.
    init(refusingForeignLoginFor domain: DomainName) {
        self.init(.reject, "5.7.1 The login may not send for the domain \(domain)")
    }

    /// Creates the action for an unknown domain.
    ///
    /// - Parameter domain: the domain; `nil` where the sender or login has none.
    package init(_ rule: PolicyRules.UnknownDomain, for domain: DomainName?) {
        let text = domain.map { "The domain \($0) may not send here: it is not known" } ?? "The sender has no valid domain"
        switch rule {
        case .dunno: self = .dunno
        case .reject: self.init(.reject, "5.7.1 " + text)
        case .deferred: self.init(.deferIfPermit, "4.7.1 " + text)
        }
    }

    /// Creates the action for requests that cannot be decided, because the database cannot be used.
    package init(_ rule: PolicyRules.OnError) {
        switch rule {
        case .dunno: self = .dunno
        case .deferred: self.init(.deferIfPermit, "4.3.0 Sending quotas cannot be checked at the moment, please try again")
        }
    }
}

extension SendingDomain {
    fileprivate var dailyUse: (used: Int64, limit: Int64) { (counters.sentToday, outbound.dailyLimit) }
    fileprivate var monthlyUse: (used: Int64, limit: Int64) { (counters.sentThisMonth, outbound.monthlyLimit) }

    fileprivate var warmupUse: (used: Int64, limit: Int64) {
        let limit = outbound.warmupProfile.limit(on: counters.day, startedOn: outbound.warmupStartedOn ?? counters.day)
        return (counters.sentToday, limit ?? 0)
    }

    fileprivate var tomorrow: Timestamp { counters.day.next.start }

    fileprivate func exceeded(_ kind: String, _ use: (used: Int64, limit: Int64), _ recipients: Int64, until opens: Timestamp) -> String {
        "\(name) has sent \(use.used) of its \(kind) of \(use.limit) emails, \(recipients) more would exceed it; opens again \(opens.minute)"
    }
}

extension Timestamp {
    /// The time to the minute: `2026-02-01 00:00 UTC`.
    fileprivate var minute: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
