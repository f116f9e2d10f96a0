import Database
import MailModel

/// What keeps emails of the queue from being sent, looked up at once for all the emails of a claim.
struct SendingStops {
    /// Who may not send at all.
    var accounts: Set<Int64>
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

extension WriteContext {
    func sendingStops(of emails: [Email]) throws -> SendingStops {
        // Days may lie between acceptance and now.
        let scheduled = emails.filter { $0.status == .scheduled }
        try lookUp(Set(scheduled.map { SuppressionPair(accountID: $0.accountID, address: $0.recipient.suppressionKey) }))
        var obstacles: [EmailID: String] = [:]
        for email in scheduled { obstacles[email.id] = try obstacle(to: email) }
        return SendingStops(
            accounts: try blockedAccounts(of: Set(emails.map(\.accountID))),
            domains: try cutOffDomains(of: Set(emails.compactMap(\.domainID))), obstacles: obstacles)
    }

    /// The accounts that are blocked, as this transaction has them.
    private func blockedAccounts(of ids: Set<Int64>) throws -> Set<Int64> {
        let known = ids.filter { accounts[$0] != nil }
        return try known.filter { accounts[$0]?.status == .blocked }
            .union(select(ids.subtracting(known), from: "accounts", where: "status = '\(Account.Status.blocked.rawValue)'"))
    }

    /// The domains that may not send at all, as this transaction has them. Read without a lock where it has not: nothing of them is changed here.
    private func cutOffDomains(of ids: Set<Int64>) throws -> Set<Int64> {
        let known = ids.compactMap(domains.domain)
        let cutOff = known.filter { $0.outbound.status == .suspended && $0.outbound.enforcement == .hard }
        let condition = """
            status = '\(OutboundConfiguration.Status.suspended.rawValue)' AND enforcement = '\(OutboundConfiguration.Enforcement.hard.rawValue)'
            """
        return try Set(cutOff.map(\.id)).union(select(ids.subtracting(known.map(\.id)), from: "domains", where: condition))
    }

    /// Those of the ids whose rows meet a condition.
    private func select(_ ids: Set<Int64>, from table: String, where condition: String) throws -> Set<Int64> {
        try Set(
            transaction.query(over: ids.map { .integer($0) }, { "SELECT id FROM \(table) WHERE id IN (\($0)) AND \(condition)" }) {
                $0.integer(0)
            })
    }
}
