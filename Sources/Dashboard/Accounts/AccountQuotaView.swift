import MailModel

/// The limits of an account and their use, with the form that changes them where the reader may.
struct AccountQuotaView: Sendable {
    struct Form: Sendable {
        let action: String
        let daily: Int64
        let monthly: Int64
        let domains: Int64
        let enforcements: [Choice]
    }

    let daily: Quota
    let monthly: Quota
    let domains: Quota
    let form: Form?

    /// - Parameter action: the path that the form is sent to; `nil` for no form.
    init(_ outbound: AccountOutbound, action: String?) {
        let limits = outbound.quota.limits
        daily = Quota("Today", outbound.quota.sentToday, of: limits.dailyLimit)
        monthly = Quota("This month", outbound.quota.sentThisMonth, of: limits.monthlyLimit)
        domains = Quota("Domains", outbound.domains, of: limits.domainsLimit)
        form = action.map { action in
            Form(
                action: action, daily: limits.dailyLimit, monthly: limits.monthlyLimit, domains: limits.domainsLimit,
                enforcements: OutboundConfiguration.Enforcement.allCases.map {
                    Choice(value: $0.rawValue, text: $0.words, isChosen: $0 == limits.enforcement)
                })
        }
    }
}
