package import MailModel

// The gate's own transaction compares the counts before and after a message with the limits: who holds the row of the domain or account is the
// one whose message reaches a level, on whatever node. What was told once in a period is recognised by its key.

extension Notices where Tx == Transaction {
    /// Inserts the notices of the limits of a domain that its counts reach with a message.
    ///
    /// - Parameters:
    ///   - domain: after the message was counted.
    ///   - recipients: what was counted just now; `nil` where the limits have changed, and all counts as new.
    package func insertQuotas(of domain: SendingDomain, counting recipients: Int64?) throws {
        let (outbound, counters) = (domain.outbound, domain.counters)
        if let use = QuotaUse.reached(.day, of: outbound.dailyLimit, counting: recipients, to: counters.sentToday) {
            let period = "\(counters.day.number).\(counters.history.sent(on: counters.day))"
            try insert(use, of: domain, in: period)
        }
        if let use = QuotaUse.reached(.month, of: outbound.monthlyLimit, counting: recipients, to: counters.sentThisMonth) {
            let period = "\(counters.month.number).\(counters.periodStartedAt?.milliseconds ?? 0)"
            try insert(use, of: domain, in: period)
        }
    }

    /// - Parameter period: distinguishes the periods of a kind, also within a day or a month that was reset.
    private func insert(_ use: QuotaUse, of domain: SendingDomain, in period: String) throws {
        try insert(
            AccountNotice(
                .domainQuota, domain: domain.name, quota: use, explanation: use.explanation(domain.name.description),
                onceKey: use.onceKey("d\(domain.id)", in: period)),
            for: domain.accountID)
    }

    /// Inserts the notices of the limits of an account that its counts reach with a message.
    ///
    /// - Parameters:
    ///   - quota: after the message was counted.
    ///   - recipients: what was counted just now; `nil` where the limits have changed, and all counts as new.
    package func insertQuotas(of quota: AccountQuota, counting recipients: Int64?) throws {
        if let use = QuotaUse.reached(.day, of: quota.limits.dailyLimit, counting: recipients, to: quota.sentToday) {
            try insert(use, of: quota, in: "\(tx.now.day.number)")
        }
        if let use = QuotaUse.reached(.month, of: quota.limits.monthlyLimit, counting: recipients, to: quota.sentThisMonth) {
            try insert(use, of: quota, in: "\(tx.now.month.number)")
        }
    }

    private func insert(_ use: QuotaUse, of quota: AccountQuota, in period: String) throws {
        try insert(
            AccountNotice(.accountQuota, quota: use, explanation: use.explanation("The account"), onceKey: use.onceKey("a", in: period)),
            for: quota.accountID)
    }
}

extension QuotaUse {
    fileprivate static func reached(_ period: Period, of limit: Int64, counting recipients: Int64?, to sent: Int64) -> QuotaUse? {
        reached(period, of: limit, from: recipients.map { sent - $0 } ?? 0, to: sent)
    }

    /// By what an account is told of a level once in a period: of another limit it is told anew.
    fileprivate func onceKey(_ holder: String, in period: String) -> String {
        "quota \(holder) \(self.period.rawValue) \(period) \(limit) \(level.rawValue)"
    }
}
