/// The changes of `PUT /domains/{name}/outbound`; `nil` leaves a setting as it is (specification 3.2).
package struct OutboundChanges: Sendable, Equatable {
    /// Emails per UTC day; 0 is unlimited.
    package var dailyLimit: Int64?
    /// Emails per UTC month; 0 is unlimited.
    package var monthlyLimit: Int64?
    /// The highest daily limit that the customer may set; 0 is none.
    package var dailyCeiling: Int64?
    /// The highest monthly limit that the customer may set; 0 is none.
    package var monthlyCeiling: Int64?
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

    /// The largest multiplier.
    ///
    /// It keeps the detector's arithmetic within 64 bits.
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
        let limits = [
            ("outbound_daily_limit", dailyLimit), ("outbound_monthly_limit", monthlyLimit),
            ("outbound_daily_ceiling", dailyCeiling), ("outbound_monthly_ceiling", monthlyCeiling),
        ]
        for case (let field, let limit?) in limits where limit < 0 {
            return Invalid(field: field, explanation: "must be 0 (unlimited) or more")
        }
        if let fault = contradiction { return fault }
        if let spikeMaxMultiplier, !(0...Self.largestSpikeMultiplier).contains(spikeMaxMultiplier) {
            return Invalid(field: "spike_max_multiplier", explanation: "must be between 0 (off) and \(Int(Self.largestSpikeMultiplier))")
        }
        return nil
    }

    /// A limit above the ceiling that is set together with it.
    private var contradiction: Invalid? {
        let pairs = [("daily", dailyLimit, dailyCeiling), ("monthly", monthlyLimit, monthlyCeiling)]
        for case (let period, let limit?, let ceiling?) in pairs where !OutboundConfiguration.allows(limit, under: ceiling) {
            return Invalid(field: "outbound_\(period)_limit", explanation: "exceeds outbound_\(period)_ceiling, \(ceiling)")
        }
        return nil
    }

    /// The first limit that a customer may not set, because it exceeds its ceiling.
    ///
    /// - Parameter outbound: the present configuration of the domain.
    package func exceededCeiling(of outbound: OutboundConfiguration) -> Invalid? {
        let limits = [("daily", dailyLimit, outbound.dailyCeiling), ("monthly", monthlyLimit, outbound.monthlyCeiling)]
        for case (let period, let limit?, let ceiling) in limits where !OutboundConfiguration.allows(limit, under: ceiling) {
            return Invalid(
                field: "outbound_\(period)_limit",
                explanation: "expected 1 to \(ceiling), the outbound_\(period)_ceiling that the operator has set")
        }
        return nil
    }

    /// The first field among the changes that only the master may set; clients set the two limits.
    package var masterField: String? {
        let fields: [(String, Bool)] = [
            ("outbound_daily_ceiling", dailyCeiling != nil), ("outbound_monthly_ceiling", monthlyCeiling != nil),
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
    ///
    /// - Parameter setsCeilings: whether the operator makes them, whose limits are the customer's ceilings.
    package mutating func apply(_ changes: OutboundChanges, setsCeilings: Bool = true, at now: Timestamp) {
        if let limit = changes.dailyLimit { outbound.dailyLimit = limit }
        if let limit = changes.monthlyLimit { outbound.monthlyLimit = limit }
        if setsCeilings { outbound.applyCeilings(changes) }
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

extension OutboundConfiguration {
    /// Whether a customer may set a limit: an unlimited one only where there is no ceiling.
    static func allows(_ limit: Int64, under ceiling: Int64) -> Bool {
        ceiling == 0 || (1...ceiling).contains(limit)
    }

    /// Sets the ceilings that the operator gave, or the limits that it set.
    ///
    /// A limit above its new ceiling is lowered to it.
    fileprivate mutating func applyCeilings(_ changes: OutboundChanges) {
        if let ceiling = changes.dailyCeiling ?? changes.dailyLimit {
            dailyCeiling = ceiling
            if !Self.allows(dailyLimit, under: ceiling) { dailyLimit = ceiling }
        }
        if let ceiling = changes.monthlyCeiling ?? changes.monthlyLimit {
            monthlyCeiling = ceiling
            if !Self.allows(monthlyLimit, under: ceiling) { monthlyLimit = ceiling }
        }
    }
}
