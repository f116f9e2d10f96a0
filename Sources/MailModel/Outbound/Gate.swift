/// The decision whether a message may be sent (specification 3.3).
///
/// Every interface asks it for each message.
///
/// The gate is a pure function of the values of a domain and its account. The transaction in which it is called makes its answer exact under concurrency.
package struct Gate: Sendable, Equatable {
    /// Whether domains that SES has not verified are refused, whatever their enforcement (`gate.requireVerified`).
    package var requireVerified = true
    /// Whether domains that SES's word alone does not prove are refused until they are proven, also where ``requireVerified`` is off.
    ///
    /// Names that wait for the operator are refused in any case.
    package var requireProof = true
    /// Whether addresses below a proven domain may send, and count for it (`gate.subdomains`).
    package var allowsSubdomains = true

    /// A gate with the default settings.
    package init() {}

    /// The answer of the gate.
    package struct Decision: Sendable, Equatable {
        /// Whether the message may go.
        package var allowed: Bool
        /// The first check that refuses or, where none does, the first limit that is exceeded softly; `nil` where none is.
        package var reason: Reason?

        /// A decision.
        package init(allowed: Bool, reason: Reason?) {
            self.allowed = allowed
            self.reason = reason
        }
    }

    /// Why a message was refused, or which limit it exceeds although it was admitted (`…_soft`).
    package enum Reason: String, Sendable, CaseIterable {
        case domainNotVerified = "domain_not_verified"
        case accountBlocked = "account_blocked"
        case suspended = "outbound_suspended"
        case suspendedSoft = "outbound_suspended_soft"
        case dailyLimit = "daily_limit_exceeded"
        case dailyLimitSoft = "daily_limit_exceeded_soft"
        case monthlyLimit = "monthly_limit_exceeded"
        case monthlyLimitSoft = "monthly_limit_exceeded_soft"
        case warmupLimit = "warmup_limit_exceeded"
        case warmupLimitSoft = "warmup_limit_exceeded_soft"
        case spike = "spike_detected"
        case spikeSoft = "spike_detected_soft"
        case accountDailyLimit = "account_daily_limit_exceeded"
        case accountDailyLimitSoft = "account_daily_limit_exceeded_soft"
        case accountMonthlyLimit = "account_monthly_limit_exceeded"
        case accountMonthlyLimitSoft = "account_monthly_limit_exceeded_soft"
    }

    /// Decides on a message for all of its recipients.
    ///
    /// The checks are made in the specification's order, those of the account last. The first that refuses is the reason; a limit that is
    /// exceeded softly is it only where nothing refuses.
    ///
    /// - Parameters:
    ///   - domain: with its counters rolled to the present day and month.
    ///   - quota: of the domain's account; `nil` where the account has no limits.
    ///   - recipients: how many emails the message counts for, at least 1.
    package func decide(on domain: SendingDomain, within quota: AccountQuota? = nil, recipients: Int64) -> Decision {
        let decision = decideAlone(on: domain, recipients)
        guard decision.allowed, let quota else { return decision }
        let byAccount = decide(within: quota, recipients: recipients)
        return byAccount.allowed && decision.reason != nil ? decision : byAccount
    }

    /// Decides on a message of a single sender, which only its account limits.
    package func decide(within quota: AccountQuota, recipients: Int64) -> Decision {
        let limits = quota.limits
        if exceeds(limits.dailyLimit, quota.sentToday, recipients) {
            return decision(limits.enforcement, .accountDailyLimit, .accountDailyLimitSoft)
        }
        if exceeds(limits.monthlyLimit, quota.sentThisMonth, recipients) {
            return decision(limits.enforcement, .accountMonthlyLimit, .accountMonthlyLimitSoft)
        }
        return Decision(allowed: true, reason: nil)
    }

    private func decision(_ enforcement: OutboundConfiguration.Enforcement, _ hard: Reason, _ soft: Reason) -> Decision {
        switch enforcement {
        case .hard: Decision(allowed: false, reason: hard)
        case .soft: Decision(allowed: true, reason: soft)
        }
    }

    private func decideAlone(on domain: SendingDomain, _ recipients: Int64) -> Decision {
        let isUnproven = domain.ownership.state == .review || (requireProof && domain.ownership.isContested)
        if isUnproven || (requireVerified && !domain.verification.isVerified) {
            return Decision(allowed: false, reason: .domainNotVerified)
        }
        // Whatever the enforcement: a soft limit is for the bill, a block protects the reputation of all accounts.
        if domain.accountStatus == .blocked {
            return Decision(allowed: false, reason: .accountBlocked)
        }
        guard let exceeded = exceededLimit(of: domain, recipients: recipients) else {
            return Decision(allowed: true, reason: nil)
        }
        return decision(domain.outbound.enforcement, exceeded.hard, exceeded.soft)
    }

    private func exceededLimit(of domain: SendingDomain, recipients: Int64) -> (hard: Reason, soft: Reason)? {
        let outbound = domain.outbound
        let counters = domain.counters
        if outbound.status == .suspended { return (.suspended, .suspendedSoft) }
        if exceeds(outbound.dailyLimit, counters.sentToday, recipients) { return (.dailyLimit, .dailyLimitSoft) }
        if exceeds(outbound.monthlyLimit, counters.sentThisMonth, recipients) { return (.monthlyLimit, .monthlyLimitSoft) }
        let warmup = outbound.warmupProfile.limit(on: counters.day, startedOn: outbound.warmupStartedOn ?? counters.day)
        if let warmup, exceeds(warmup, counters.sentToday, recipients) { return (.warmupLimit, .warmupLimitSoft) }
        let spike = SpikeDetector.limit(on: counters.day, history: counters.history, multiplier: outbound.spikeMaxMultiplier)
        if let spike, exceeds(spike, counters.sentToday, recipients) { return (.spike, .spikeSoft) }
        return nil
    }

    /// A limit of 0 is none.
    ///
    /// Written as a subtraction, so that no count can overflow.
    private func exceeds(_ limit: Int64, _ sent: Int64, _ recipients: Int64) -> Bool {
        limit > 0 && recipients > limit - min(sent, limit)
    }
}

extension SendingDomain {
    /// Asks the gate, and counts the message where it is admitted.
    ///
    /// - Parameter quota: of the domain's account; `nil` where the account has no limits. What is admitted counts against it.
    /// - Precondition: the counters are rolled to the present.
    package mutating func admit(_ recipients: Int64, by gate: Gate, within quota: inout AccountQuota?) -> Gate.Decision {
        let decision = gate.decide(on: self, within: quota, recipients: recipients)
        if decision.allowed {
            counters.sentToday += recipients
            counters.sentThisMonth += recipients
            admitted += recipients
            quota?.count(recipients)
        }
        return decision
    }

    /// Asks the gate without limits of the account, and counts the message where it is admitted.
    package mutating func admit(_ recipients: Int64, by gate: Gate) -> Gate.Decision {
        var quota: AccountQuota?
        return admit(recipients, by: gate, within: &quota)
    }
}
