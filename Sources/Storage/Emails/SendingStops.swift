import Database
import MailModel

/// What prevents accepted emails from being sent, read at once for all the emails of a claim.
struct SendingStops {
    /// The accounts that are blocked.
    var accounts: Set<Int64>
    /// The domains that are suspended with hard enforcement.
    var domains: Set<Int64>
    /// Why recipients must not be written to any more.
    var obstacles: [EmailID: String]

    /// How an email ends that must not be sent although it was accepted; `nil` where it may be.
    func stop(of email: Email) -> (status: EmailStatus, explanation: String)? {
        if accounts.contains(email.accountID) {
            return (.blockedDueBadBehaviour, "The account was blocked before the email was sent.")
        }
        if let domain = email.domainID, domains.contains(domain) {
            return (.blockedDueBadBehaviour, "The domain was suspended before the email was sent.")
        }
        return obstacles[email.id].map { (.blacklisted, "\($0) since the email was accepted.") }
    }
}

extension EmailQueue where Tx == Transaction {
    /// Returns what prevents these emails from being sent.
    func stops(of emails: [Email]) throws -> SendingStops {
        // They may have been accepted days ago.
        let scheduled = emails.filter { $0.status == .scheduled }
        try tx.suppressions.prefetch(
            Set(scheduled.map { SuppressionPair(accountID: $0.accountID, address: $0.recipient.suppressionKey) }))
        var obstacles: [EmailID: String] = [:]
        for email in scheduled { obstacles[email.id] = try tx.suppressions.obstacle(to: email) }
        return SendingStops(
            accounts: try blockedAccounts(of: Set(emails.map(\.accountID))),
            domains: try cutOffDomains(of: Set(emails.compactMap(\.domainID))), obstacles: obstacles)
    }

    /// The accounts that are blocked, as this transaction has them.
    private func blockedAccounts(of ids: Set<Int64>) throws -> Set<Int64> {
        let accounts = tx.accountCache.accounts
        let known = ids.filter { accounts[$0] != nil }
        return try known.filter { accounts[$0]?.status == .blocked }
            .union(select(ids.subtracting(known), from: "accounts", where: "status = '\(Account.Status.blocked.rawValue)'"))
    }

    /// The domains that may not send at all, as this transaction has them.
    ///
    /// The others are read without a lock: nothing of them is changed here.
    private func cutOffDomains(of ids: Set<Int64>) throws -> Set<Int64> {
        let known = ids.compactMap { tx.domainCache.domain($0) }
        let cutOff = known.filter { $0.outbound.status == .suspended && $0.outbound.enforcement == .hard }
        let condition = """
            status = '\(OutboundConfiguration.Status.suspended.rawValue)' AND enforcement = '\(OutboundConfiguration.Enforcement.hard.rawValue)'
            """
        return try Set(cutOff.map(\.id)).union(select(ids.subtracting(known.map(\.id)), from: "domains", where: condition))
    }

    /// Those of the ids whose rows meet a condition.
    private func select(_ ids: Set<Int64>, from table: String, where condition: String) throws -> Set<Int64> {
        try Set(
            tx.sql.query(over: ids.map { .integer($0) }, { "SELECT id FROM \(table) WHERE id IN (\($0)) AND \(condition)" }) {
                $0.integer(0)
            })
    }
}
