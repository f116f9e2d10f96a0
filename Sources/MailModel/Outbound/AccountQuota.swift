/// What an account may send over all its domains and single senders, and how many domains it may have (specification 3.14).
package struct AccountLimits: Sendable, Equatable {
    /// Emails per UTC day; 0 is unlimited.
    package var dailyLimit: Int64 = 0
    /// Emails per UTC month; 0 is unlimited.
    package var monthlyLimit: Int64 = 0
    /// What happens at one of the two limits.
    package var enforcement: OutboundConfiguration.Enforcement = .hard
    /// Live domains; 0 is unlimited.
    package var domainsLimit: Int64 = 0

    /// The limits of a new account: none, enforced hard.
    package init() {}

    /// Whether messages have to be counted against a limit.
    package var limitsSending: Bool { dailyLimit > 0 || monthlyLimit > 0 }
}

/// The changes of `PUT /accounts/{ref}/limits`; `nil` leaves a setting as it is (specification 3.14).
package struct AccountLimitsChanges: Sendable, Equatable {
    /// Emails per UTC day; 0 is unlimited.
    package var dailyLimit: Int64?
    /// Emails per UTC month; 0 is unlimited.
    package var monthlyLimit: Int64?
    /// What happens at one of the two limits.
    package var enforcement: OutboundConfiguration.Enforcement?
    /// Live domains; 0 is unlimited.
    package var domainsLimit: Int64?

    /// No changes.
    package init() {}

    /// The first value that is out of range; `nil` when all can be applied.
    package var fault: OutboundChanges.Invalid? {
        let limits = [("daily_limit", dailyLimit), ("monthly_limit", monthlyLimit), ("domains_limit", domainsLimit)]
        for case (let field, let limit?) in limits where limit < 0 {
            return OutboundChanges.Invalid(field: field, explanation: "must be 0 (unlimited) or more")
        }
        return nil
    }
}

extension AccountLimits {
    /// Applies changes by the master.
    package mutating func apply(_ changes: AccountLimitsChanges) {
        dailyLimit = changes.dailyLimit ?? dailyLimit
        monthlyLimit = changes.monthlyLimit ?? monthlyLimit
        enforcement = changes.enforcement ?? enforcement
        domainsLimit = changes.domainsLimit ?? domainsLimit
    }
}

/// The limits of an account with what counts against them: every email that the gate has admitted for one of its domains or single senders.
///
/// An email counts for the account that owned its domain when it was admitted, also after the domain has another owner.
package struct AccountQuota: Sendable, Equatable {
    /// The id of the account.
    package var accountID: Int64
    /// The limits.
    package var limits: AccountLimits
    /// Emails that were admitted on the present day, since its last reset.
    package var sentToday: Int64
    /// Emails that were admitted in the present month, since its last reset.
    package var sentThisMonth: Int64

    /// A quota with these counts.
    package init(accountID: Int64, limits: AccountLimits, sentToday: Int64 = 0, sentThisMonth: Int64 = 0) {
        self.accountID = accountID
        self.limits = limits
        self.sentToday = sentToday
        self.sentThisMonth = sentThisMonth
    }

    /// Counts emails that the gate has admitted.
    package mutating func count(_ recipients: Int64) {
        sentToday += recipients
        sentThisMonth += recipients
    }
}

/// An account's limits, their use, and its number of domains: `GET /accounts/{ref}/outbound`.
package struct AccountOutbound: Sendable, Equatable {
    /// The account.
    package var account: Account
    /// Its limits and what counts against them.
    package var quota: AccountQuota
    /// The number of its live domains.
    package var domains: Int64

    /// The outbound control of an account.
    package init(account: Account, quota: AccountQuota, domains: Int64) {
        self.account = account
        self.quota = quota
        self.domains = domains
    }
}
