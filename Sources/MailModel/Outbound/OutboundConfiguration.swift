/// How a domain may send: the settings of `PUT /domains/{name}/outbound` (specification 3.2).
public struct OutboundConfiguration: Sendable, Equatable {
    /// Which SES configuration set and IP pool carry the domain's mail.
    public enum Tier: String, Sendable, CaseIterable {
        case shared, dedicated
    }

    public enum Status: String, Sendable, CaseIterable {
        case active, suspended
    }

    /// What happens at a limit.
    public enum Enforcement: String, Sendable, CaseIterable {
        /// Allow, count, and say so, so that the overage can be billed.
        case soft
        /// Refuse, and do not count.
        case hard
    }

    public var tier: Tier = .shared
    public var status: Status = .active
    public var enforcement: Enforcement = .hard
    /// Emails per UTC day; 0 is unlimited.
    public var dailyLimit: Int64 = 0
    /// Emails per UTC month; 0 is unlimited.
    public var monthlyLimit: Int64 = 0
    public var warmupProfile: WarmupProfile = .none
    /// The day the present profile was chosen: the first day of its schedule.
    public var warmupStartedOn: CalendarDay?
    /// Refuses a day that grows past this many times the recent average; 0 is off. See ``SpikeDetector``.
    public var spikeMaxMultiplier: Double = 0
    /// Why the domain is suspended: `guillotine: …`, or what the operator gave.
    public var suspendedReason: String?
    public var suspendedAt: Timestamp?

    public init() {}
}
