import Database
package import MailModel

extension ReadContext {
    /// A domain by its name; `nil` when there is none, or it was deleted. In a write, with the changes of this transaction,
    /// and with its counters rolled to the present day and month.
    package func domain(named name: DomainName) throws -> SendingDomain? {
        try (self as? WriteContext)?.cachedDomain(named: name) ?? selectDomain(named: name)
    }

    /// Live domains, newest first.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: begin behind this domain's id.
    ///   - limit: at most this many.
    package func domains(of accountID: Int64?, after: Int64?, limit: Int) throws -> [SendingDomain] {
        let owner = accountID == nil ? "" : "AND account_id = ?3"
        return try transaction.query(
            "SELECT \(DomainRow.selected) FROM domains WHERE deleted_at IS NULL AND id < ?1 \(owner) ORDER BY id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []), rolled)
    }

    /// Domains that wait for SES's word, the longest unasked first.
    ///
    /// The longer one waits the more rarely it comes up, so that those whose owner has just set the records are not held up by those
    /// whose owner never will: every twentieth of the time since the request.
    ///
    /// - Parameter checkedBefore: leave out those asked about since.
    package func domainsAwaitingVerification(checkedBefore: Timestamp, limit: Int) throws -> [SendingDomain] {
        try transaction.query(
            """
            SELECT \(DomainRow.selected) FROM domains
            WHERE ses_verified = 0 AND verification_requested_at IS NOT NULL AND deleted_at IS NULL
                AND COALESCE(verification_checked_at, 0) < ?1
                AND COALESCE(verification_checked_at, 0) <= ?2 - (?2 - verification_requested_at) / 20
            ORDER BY COALESCE(verification_checked_at, 0) LIMIT ?3
            """,
            [.timestamp(checkedBefore), .timestamp(now), .integer(limit)], rolled)
    }

    /// Verified domains that SES was not asked about since, the longest unasked first.
    package func verifiedDomains(checkedBefore: Timestamp, limit: Int) throws -> [SendingDomain] {
        try transaction.query(
            """
            SELECT \(DomainRow.selected) FROM domains
            WHERE ses_verified = 1 AND deleted_at IS NULL AND COALESCE(verification_checked_at, 0) < ?1
            ORDER BY COALESCE(verification_checked_at, 0) LIMIT ?2
            """,
            [.timestamp(checkedBefore), .integer(limit)], rolled)
    }

    func selectDomain(named name: DomainName) throws -> SendingDomain? {
        try transaction.first(
            "SELECT \(DomainRow.selected) FROM domains WHERE name = ?1 AND deleted_at IS NULL", [.text(name.description)], rolled)
    }

    /// A domain as it looks now: with counts of this day and month, whether or not a reset ran.
    func rolled(_ row: any DatabaseRow) throws -> SendingDomain {
        var domain = try DomainRow.decode(row)
        _ = domain.counters.roll(to: now)
        return domain
    }
}
