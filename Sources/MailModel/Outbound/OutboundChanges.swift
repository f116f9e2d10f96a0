/// The changes of `PUT /domains/{name}/outbound`; `nil` leaves a setting as it is (specification 3.2).
package struct OutboundChanges: Sendable, Equatable {
    /// Emails per UTC day; 0 is unlimited.
    package var dailyLimit: Int64?
    /// Emails per UTC month; 0 is unlimited.
    package var monthlyLimit: Int64?
    /// The tier.
    package var tier: OutboundConfiguration.Tier?
    /// What happens at a limit.
    package var enforcement: OutboundConfiguration.Enforcement?
    /// Whether the domain may send.
    package var status: OutboundConfiguration.Status?
    /// The warm-up profile, whose schedule begins with the present day.
    package var warmupProfile: WarmupProfile?
    /// The multiple of the recent average that a day may reach; 0 is off.
    package var spikeMaxMultiplier: Double?
    /// Why the domain is suspended, as the operator gave it.
    package var suspensionReason: String?

    /// No changes.
    package init() {}

    /// The largest multiplier. It keeps the detector's arithmetic within 64 bits.
    package static let largestSpikeMultiplier = 1000.0

    /// A value that is out of range.
    package struct Invalid: Error, Equatable {
        /// The field's name in the API.
        package let field: String
        /// What was expected.
        package let explanation: String
    }

    /// The first value that is out of range; `nil` when all can be applied.
    package var fault: Invalid? {
        let limits = [("outbound_daily_limit", dailyLimit), ("outbound_monthly_limit", monthlyLimit)]
        for case (let field, let limit?) in limits where limit < 0 {
            return Invalid(field: field, explanation: "must be 0 (unlimited) or more")
        }
        if let spikeMaxMultiplier, !(0...Self.largestSpikeMultiplier).contains(spikeMaxMultiplier) {
            return Invalid(field: "spike_max_multiplier", explanation: "must be between 0 (off) and \(Int(Self.largestSpikeMultiplier))")
        }
        return nil
    }

    /// The first field among the changes that only the master may set; clients set the two limits.
    package var masterField: String? {
        let fields: [(String, Bool)] = [
            ("outbound_tier", tier != nil), ("outbound_enforcement", enforcement != nil), ("outbound_status", status != nil),
            ("warmup_profile", warmupProfile != nil), ("spike_max_multiplier", spikeMaxMultiplier != nil),
        ]
        return fields.first(where: \.1)?.0
    }
}

extension SendingDomain {
    /// The reason of a suspension by a person.
    package static let suspendedByOperator = "suspended by the operator"

    private static func suspended(because reason: String?) -> String {
        reason.map { "\(suspendedByOperator): \($0)" } ?? suspendedByOperator
    }

    /// Applies changes by a person.
    ///
    /// A suspended domain that is suspended again keeps its reason; an active one that is activated keeps the window of its guillotine.
    package mutating func apply(_ changes: OutboundChanges, at now: Timestamp) {
        if let limit = changes.dailyLimit { outbound.dailyLimit = limit }
        if let limit = changes.monthlyLimit { outbound.monthlyLimit = limit }
        if let tier = changes.tier { outbound.tier = tier }
        if let enforcement = changes.enforcement { outbound.enforcement = enforcement }
        if let multiplier = changes.spikeMaxMultiplier { outbound.spikeMaxMultiplier = multiplier }
        if let profile = changes.warmupProfile, profile != outbound.warmupProfile {
            outbound.warmupProfile = profile
            outbound.warmupStartedOn = profile == .none ? nil : now.day
        }
        switch changes.status {
        case .active? where outbound.status == .suspended: reactivate()
        case .suspended? where outbound.status == .active: suspend(reason: Self.suspended(because: changes.suspensionReason), at: now)
        default: break
        }
    }
}
