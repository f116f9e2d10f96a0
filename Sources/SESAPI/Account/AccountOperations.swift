import JSON
import MailModel
import Outbound

/// `GetSendQuota`, `GetAccountSendingEnabled` and `GetAccount`: the account's own limits in place of those of an AWS account.
struct AccountOperations: Sendable {
    let accounts: AccountService

    var queryOperations: [QueryOperation] {
        [
            QueryOperation("GetSendQuota", .accountsOutbound) { _, caller in
                let outbound = try await outbound(of: caller)
                let quota = SendQuotaView(outbound.quota, rate: caller.principal.rateLimit)
                return { result in
                    result.element("Max24HourSend", String(quota.maximum))
                    result.element("MaxSendRate", String(quota.rate))
                    result.element("SentLast24Hours", String(quota.sent))
                }
            },
            QueryOperation("GetAccountSendingEnabled", .accountsOutbound) { _, caller in
                let outbound = try await outbound(of: caller)
                let isEnabled = outbound.account.status != .blocked
                return { $0.element("Enabled", String(isEnabled)) }
            },
        ]
    }

    var restOperations: [RESTOperation] {
        [
            RESTOperation("GetAccount", .get, "/account", .accountsOutbound) { _, caller in
                let outbound = try await outbound(of: caller)
                let quota = SendQuotaView(outbound.quota, rate: caller.principal.rateLimit)
                let status = outbound.account.status
                return { answer in
                    answer.member("DedicatedIpAutoWarmupEnabled", false)
                    answer.member("EnforcementStatus", status.enforcement)
                    answer.member("ProductionAccessEnabled", true)
                    answer.member("SendingEnabled", status != .blocked)
                    answer.member("SendQuota") { writer in
                        writer.object { object in
                            object.member("Max24HourSend", quota.maximum)
                            object.member("MaxSendRate", quota.rate)
                            object.member("SentLast24Hours", quota.sent)
                        }
                    }
                    answer.member("SuppressionAttributes") { writer in
                        writer.object { $0.member("SuppressedReasons", ["BOUNCE", "COMPLAINT"]) }
                    }
                }
            }
        ]
    }

    private func outbound(of caller: SESCaller) async throws -> AccountOutbound {
        try await accounts.outbound(of: caller.account.reference, by: caller.principal)
    }
}

/// The quota of an account in SES's terms.
struct SendQuotaView: Equatable {
    /// -1 where it is unlimited.
    let maximum: Double
    let rate: Double
    let sent: Double

    /// - Parameter rate: the requests a second of the key; `nil` for one that is not bound.
    init(_ quota: AccountQuota, rate: Int?) {
        let limits = quota.limits
        let month = limits.monthlyLimit > 0 ? max(0, limits.monthlyLimit - quota.sentThisMonth) + quota.sentToday : .max
        let day = limits.dailyLimit > 0 ? limits.dailyLimit : .max
        maximum = limits.limitsSending ? Double(min(day, month)) : -1
        // Clients divide by it: it is never -1.
        self.rate = Double(rate ?? KeyBounds.rateLimits.upperBound)
        sent = Double(quota.sentToday)
    }
}

extension Account.Status {
    fileprivate var enforcement: String {
        switch self {
        case .ok: "HEALTHY"
        case .warning: "PROBATION"
        case .blocked: "SHUTDOWN"
        }
    }
}
