/// What `PUT /domains/{name}/outbound` changes; `nil` leaves a setting as it is (specification 3.2).
package struct OutboundChanges: Sendable, Equatable {
    package var dailyLimit: Int64?
    package var monthlyLimit: Int64?
    package var tier: OutboundConfiguration.Tier?
    package var enforcement: OutboundConfiguration.Enforcement?
    package var status: OutboundConfiguration.Status?
    package var warmupProfile: WarmupProfile?
    package var spikeMaxMultiplier: Double?
    /// Why the domain is suspended, in the words of whoever does it.
    package var suspensionReason: String?

    package init() {}

    /// The largest factor that still means something; also keeps the detector's arithmetic within 64 bits.
    package static let largestSpikeMultiplier = 1000.0

    /// A value that no domain can have: which field, and what was expected of it.
    package struct Invalid: Error, Equatable {
        package let field: String
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
    /// Why a domain is suspended when a person did it.
    package static let suspendedByOperator = "suspended by the operator"

    private static func suspended(because reason: String?) -> String {
        reason.map { "\(suspendedByOperator): \($0)" } ?? suspendedByOperator
    }

    /// Applies what a person changed.
    ///
    /// A suspended domain that is suspended again keeps its reason; an active one that is activated keeps its window of the guillotine.
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
