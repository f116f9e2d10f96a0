/// The outbound configuration of a domain: the settings of `PUT /domains/{name}/outbound` (specification 3.2).
package struct OutboundConfiguration: Sendable, Equatable {
    /// Which SES configuration set and IP pool carry the domain's mail.
    package enum Tier: String, Sendable, CaseIterable {
        case shared, dedicated
    }

    /// Whether the domain may send.
    package enum Status: String, Sendable, CaseIterable {
        case active, suspended
    }

    /// What happens at a limit.
    package enum Enforcement: String, Sendable, CaseIterable {
        /// Messages are admitted and counted with a notice, so that the overage can be billed.
        case soft
        /// Messages are refused and not counted.
        case hard
    }

    /// Which SES configuration set and IP pool carry the domain's mail.
    package var tier: Tier = .shared
    /// Whether the domain may send.
    package var status: Status = .active
    /// What happens at a limit.
    package var enforcement: Enforcement = .hard
    /// Emails per UTC day; 0 is unlimited.
    package var dailyLimit: Int64 = 0
    /// Emails per UTC month; 0 is unlimited.
    package var monthlyLimit: Int64 = 0
    /// The highest daily limit that the customer may set; 0 is none.
    ///
    /// What the master last set as the limit or as the ceiling.
    package var dailyCeiling: Int64 = 0
    /// The highest monthly limit that the customer may set; 0 is none.
    package var monthlyCeiling: Int64 = 0
    /// The warm-up schedule.
    package var warmupProfile: WarmupProfile = .none
    /// The day the present profile was chosen: the first day of its schedule.
    package var warmupStartedOn: CalendarDay?
    /// The multiple of the recent average that a day may reach; 0 is off.
    ///
    /// See ``SpikeDetector``.
    package var spikeMaxMultiplier: Double = 0
    /// Why the domain is suspended: `guillotine: …`, or what the operator gave.
    package var suspendedReason: String?
    /// When it was suspended.
    package var suspendedAt: Timestamp?

    /// The configuration of a new domain: active and without limits.
    package init() {}
}
