import Database
package import MailModel

extension ReadableTransaction {
    /// The sending domains of all accounts.
    package var domains: Domains<Self> { Domains(tx: self) }
}

/// The sending domains of all accounts: configuration, counters and verification (specification 3).
///
/// Every domain is returned with the counters of the present day and month, whether or not a reset ran (specification 3.5).
///
/// In a ``Transaction`` a domain is read and locked once, stored in the ``DomainCache``, changed there, and written once by ``flush()``,
/// however many commands count on it. Lists read the rows, without changes that are not written yet.
package struct Domains<Tx: ReadableTransaction> {
    let tx: Tx
}

// MARK: Queries

extension Domains {
    /// Returns the live domain that the operator means by a name: the proven one, else the oldest claim; `nil` when there is none.
    ///
    /// In a ``Transaction`` the claims on the name are locked, and have the transaction's changes.
    package func find(named name: DomainName) throws -> SendingDomain? {
        if let proven = tx.writing?.domainCache.provenDomain(named: name) { return proven }
        let claims = try listClaims(on: name)
        return claims.first(where: \.ownership.isProven) ?? claims.first
    }

    /// Returns the live domain of a name that is an account's, proven or not; `nil` when there is none.
    package func find(named name: DomainName, of accountID: Int64) throws -> SendingDomain? {
        if let cached = tx.writing?.domainCache.domain(named: name, of: accountID) { return cached }
        return try listClaims(on: name).first { $0.accountID == accountID }
    }

    /// Returns the live domain of a name that is proven; `nil` when there is none.
    ///
    /// Only this one has effects on others than its account.
    package func findProven(_ name: DomainName) throws -> SendingDomain? {
        if let proven = tx.writing?.domainCache.provenDomain(named: name) { return proven }
        return try listClaims(on: name).first(where: \.ownership.isProven)
    }

    /// Returns the live domains of a name, the oldest first: one for each account that claims it.
    package func listClaims(on name: DomainName) throws -> [SendingDomain] {
        guard let writing = tx.writing else { return try selectClaims(on: name) }
        return try writing.domains.lockClaims(on: name)
    }

    /// Returns live domains, newest first.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: only domains older than the one of this id.
    ///   - limit: the maximum number of domains.
    package func list(of accountID: Int64?, after: Int64?, limit: Int) throws -> [SendingDomain] {
        let owner = accountID == nil ? "" : "AND account_id = ?3"
        return try tx.sql.query(
            "SELECT \(DomainRow.selected) FROM domains WHERE deleted_at IS NULL AND id < ?1 \(owner) ORDER BY id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []), rolled)
    }

    /// Returns domains whose verification SES has not confirmed yet, the longest unchecked first.
    ///
    /// The interval between two checks of a domain is a twentieth of the time since its request, so that domains whose DNS records are never
    /// set do not delay those whose records were set just now.
    ///
    /// - Parameters:
    ///   - checkedBefore: only domains last checked before this time.
    ///   - limit: the maximum number of domains.
    package func listAwaitingVerification(checkedBefore: Timestamp, limit: Int) throws -> [SendingDomain] {
        try tx.sql.query(
            """
            SELECT \(DomainRow.selected) FROM domains
            WHERE ses_verified = 0 AND verification_requested_at IS NOT NULL AND deleted_at IS NULL AND ownership <> 'review'
                AND COALESCE(verification_checked_at, 0) < ?1
                AND COALESCE(verification_checked_at, 0) <= ?2 - (?2 - verification_requested_at) / 20
            ORDER BY COALESCE(verification_checked_at, 0) LIMIT ?3
            """,
            [.timestamp(checkedBefore), .timestamp(tx.now), .integer(limit)], rolled)
    }

    /// Returns verified domains whose status SES was last asked for before a time, the longest unchecked first.
    package func listVerified(checkedBefore: Timestamp, limit: Int) throws -> [SendingDomain] {
        try tx.sql.query(
            """
            SELECT \(DomainRow.selected) FROM domains
            WHERE ses_verified = 1 AND deleted_at IS NULL AND COALESCE(verification_checked_at, 0) < ?1
            ORDER BY COALESCE(verification_checked_at, 0) LIMIT ?2
            """,
            [.timestamp(checkedBefore), .integer(limit)], rolled)
    }

    private func selectClaims(on name: DomainName) throws -> [SendingDomain] {
        try tx.sql.query(
            "SELECT \(DomainRow.selected) FROM domains WHERE name = ?1 AND deleted_at IS NULL ORDER BY id", [.text(name.description)],
            rolled)
    }

    /// Decodes a row and rolls its counters to the present day and month, without writing anything.
    func rolled(_ row: any DatabaseRow) throws -> SendingDomain {
        var domain = try DomainRow.decode(row)
        _ = domain.counters.roll(to: tx.now)
        return domain
    }
}

// MARK: Changes

extension Domains where Tx == Transaction {
    /// Returns the domain of an id, locked; deleted domains too, because late bounces still count for them.
    package func find(_ id: Int64) throws -> SendingDomain? {
        if let cached = tx.domainCache.domain(id) { return cached }
        return try load("WHERE id = ?1", [.integer(id)])
    }

    /// Inserts a domain.
    ///
    /// - Parameter ownership: whose it is; proven unless it is said otherwise.
    /// - Returns: `nil` when the account has a live domain of that name, or the domain is proven and another account's is.
    package func insert(
        _ name: DomainName, accountID: Int64, outbound: OutboundConfiguration, ownership: DomainOwnership = DomainOwnership()
    ) throws -> SendingDomain? {
        guard try find(named: name, of: accountID) == nil else { return nil }
        // The name of a domain that was deleted just now is free once that is written.
        if tx.domainCache.hasUnwrittenDeletion(of: name) { try flush() }
        var domain = SendingDomain(id: tx.newID(), accountID: accountID, name: name, createdAt: tx.now)
        domain.outbound = outbound
        domain.ownership = ownership
        if ownership.isProven { domain.ownership.provenAt = ownership.provenAt ?? tx.now }
        // Where another node inserts the same name at this moment, the statement waits for it, and then inserts nothing.
        let id = try tx.sql.first(DomainRow.insertStatement, DomainRow.encode(domain)) { $0.integer(0) }
        guard id != nil else {
            tx.domainCache.forgetLookup(of: name)
            // Another node may have made the same id: see ``RowIDs``.
            let isTaken = try tx.sql.first("SELECT 1 FROM domains WHERE id = ?1", [.integer(domain.id)]) { _ in true } ?? false
            if isTaken { return try insert(name, accountID: accountID, outbound: outbound, ownership: ownership) }
            return nil
        }
        domain.accountStatus = try tx.accounts.find(accountID)?.status ?? .ok
        domain.hasAccountQuota = try tx.quotas.limitsSending(accountID)
        tx.domainCache.add(domain, storedAs: domain)
        return domain
    }

    /// Records the changes of a domain in the cache.
    ///
    /// They are written by ``flush()``.
    package func update(_ domain: SendingDomain) {
        tx.domainCache.change(domain)
    }

    /// Records that a domain is given up, and writes it: its name is free, or proven by another claim, from then on.
    package func giveUp(_ domain: SendingDomain) throws {
        var domain = domain
        domain.giveUp(at: tx.now)
        update(domain)
        try flush()
    }

    /// Moves a domain to another account (specification 3.6).
    ///
    /// The period ends here: its counts are frozen for the bill of the previous owner, and the month begins anew for the new one, as with a
    /// reset. The counts of the day and the history for warm-up and spike guard go on: they follow the domain's reputation with receivers,
    /// which a change of owner does not alter.
    ///
    /// - Returns: the domain with its new owner.
    package func changeOwner(of domain: SendingDomain, to account: Account) throws -> SendingDomain {
        guard domain.accountID != account.id else { return domain }
        // What this transaction has counted so far counts for the previous owner.
        try tx.flush()
        var domain = try find(domain.id) ?? domain
        let frozen = domain.counters.startMonth(domain.counters.month, at: tx.now)
        if !frozen.isEmpty { try tx.counters.freeze(frozen, of: domain) }
        domain.accountID = account.id
        domain.fromName = nil
        domain.accountStatus = account.status
        domain.hasAccountQuota = try tx.quotas.limitsSending(account.id)
        update(domain)
        return domain
    }

    /// Returns the live domains of a name, read and locked once in a transaction.
    private func lockClaims(on name: DomainName) throws -> [SendingDomain] {
        if !tx.domainCache.isComplete(name) {
            let rows = try tx.sql.query(
                "SELECT \(DomainRow.selected) FROM domains WHERE name = ?1 AND deleted_at IS NULL ORDER BY id\(tx.sql.dialect.forUpdate)",
                [.text(name.description)], DomainRow.decode)
            for row in rows { _ = try store(row) }
            tx.domainCache.store(lookedFor: [name])
        }
        return tx.domainCache.domains(named: name)
    }

    func load(_ condition: String, _ keys: [DatabaseValue]) throws -> SendingDomain? {
        let row = try tx.sql.first(
            "SELECT \(DomainRow.selected) FROM domains \(condition)\(tx.sql.dialect.forUpdate)", keys, DomainRow.decode)
        return try row.map(store)
    }

    /// Stores in the cache a domain whose row was read and locked.
    ///
    /// A month that ended is frozen here, before the new one counts anything.
    ///
    /// - Returns: the domain with the counters of the present day and month; as this transaction has changed it, where it was in the cache.
    func store(_ row: SendingDomain) throws -> SendingDomain {
        if let cached = tx.domainCache.domain(row.id) { return cached }
        var domain = row
        let before = domain.counters
        let frozen = try tx.counters.roll(&domain)
        tx.domainCache.add(domain, storedAs: row)
        if domain.counters != before { tx.domainCache.change(domain) }
        if let frozen { try tx.counters.freeze(frozen, of: domain) }
        return domain
    }

    /// Writes the changed domains in the order of their ids, and adds the admitted emails to the counts of their accounts.
    func flush() throws {
        for change in tx.domainCache.drainChanged() {
            let domain = change.domain
            // A count that wrote all columns would write most indexes of the table too.
            try change.isCountAlone ? writeCounts(of: domain) : write(domain)
            tx.reputationCache.add(ReputationCounts(sent: domain.admitted), of: domain.accountID, on: tx.now.day)
            tx.usage.count(UsageCounts(sent: domain.admitted), of: .domain(domain.id), accountID: domain.accountID)
        }
    }

    private func writeCounts(of domain: SendingDomain) throws {
        try tx.sql.execute(
            DomainRow.countStatement,
            [.integer(domain.id), .integer(domain.counters.sentToday), .integer(domain.counters.sentThisMonth)])
    }

    /// Writes the row of a domain at once.
    func write(_ domain: SendingDomain) throws {
        try tx.sql.execute(DomainRow.updateStatement, DomainRow.encode(domain))
    }
}
