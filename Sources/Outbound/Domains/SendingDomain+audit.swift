import MailModel

extension SendingDomain {
    /// Returns the rows of the audit log for a change of the outbound configuration: one for a suspension or activation, one for all else.
    ///
    /// - Parameter before: the configuration before the change.
    func auditChanges(since before: OutboundConfiguration) -> [AuditChange] {
        var rows: [AuditChange] = []
        if before.status != outbound.status {
            let action: AuditAction = outbound.status == .suspended ? .domainSuspend : .domainActivate
            rows.append(auditChange(action, before.statusValues, outbound.statusValues))
        }
        if before.settingValues != outbound.settingValues {
            rows.append(auditChange(.domainUpdate, before.settingValues, outbound.settingValues))
        }
        return rows
    }

    private func auditChange(_ action: AuditAction, _ before: [String: AuditValue], _ after: [String: AuditValue]) -> AuditChange {
        AuditChange(action, target: .domain(name), account: accountID, before: before, after: after)
    }
}

extension OutboundConfiguration {
    fileprivate var statusValues: [String: AuditValue] {
        ["outbound_status": .string(status.rawValue), "suspended_reason": suspendedReason.map { .string($0) } ?? .null]
    }

    fileprivate var settingValues: [String: AuditValue] {
        [
            "outbound_tier": .string(tier.rawValue), "outbound_enforcement": .string(enforcement.rawValue),
            "outbound_daily_limit": .integer(dailyLimit), "outbound_monthly_limit": .integer(monthlyLimit),
            "outbound_daily_ceiling": .integer(dailyCeiling), "outbound_monthly_ceiling": .integer(monthlyCeiling),
            "warmup_profile": .string(warmupProfile.name), "spike_max_multiplier": .number(spikeMaxMultiplier),
        ]
    }
}
