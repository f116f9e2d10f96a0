/// How a domain may send: the settings of `PUT /domains/{name}/outbound` (specification 3.2).
package struct OutboundConfiguration: Sendable, Equatable {
    /// Which SES configuration set and IP pool carry the domain's mail.
    package enum Tier: String, Sendable, CaseIterable {
        case shared, dedicated
    }

    package enum Status: String, Sendable, CaseIterable {
        case active, suspended
    }

    /// What happens at a limit.
    package enum Enforcement: String, Sendable, CaseIterable {
        /// Allow, count, and say so, so that the overage can be billed.
        case soft
        /// Refuse, and do not count.
        case hard
    }

    package var tier: Tier = .shared
    package var status: Status = .active
    package var enforcement: Enforcement = .hard
    /// Emails per UTC day; 0 is unlimited.
    package var dailyLimit: Int64 = 0
    /// Emails per UTC month; 0 is unlimited.
    package var monthlyLimit: Int64 = 0
    package var warmupProfile: WarmupProfile = .none
    /// The day the present profile was chosen: the first day of its schedule.
    package var warmupStartedOn: CalendarDay?
    /// Refuses a day that grows past this many times the recent average; 0 is off. See ``SpikeDetector``.
    package var spikeMaxMultiplier: Double = 0
    /// Why the domain is suspended: `guillotine: …`, or what the operator gave.
    package var suspendedReason: String?
    package var suspendedAt: Timestamp?

    package init() {}
}
