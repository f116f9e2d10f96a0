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
    /// Returns the live domain of a name; `nil` when there is none. In a ``Transaction`` it is locked, and has the transaction's changes.
    package func find(named name: DomainName) throws -> SendingDomain? {
        guard let writing = tx.writing else { return try select(named: name) }
        return try writing.domains.findForUpdate(named: name)
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
            WHERE ses_verified = 0 AND verification_requested_at IS NOT NULL AND deleted_at IS NULL
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

    private func select(named name: DomainName) throws -> SendingDomain? {
        try tx.sql.first(
            "SELECT \(DomainRow.selected) FROM domains WHERE name = ?1 AND deleted_at IS NULL", [.text(name.description)], rolled)
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
        return try load("WHERE id = ?1", .integer(id))
    }

    /// Inserts a domain.
    ///
    /// - Returns: `nil` when there is a live domain of that name.
    package func insert(_ name: DomainName, accountID: Int64, outbound: OutboundConfiguration) throws -> SendingDomain? {
        guard try find(named: name) == nil else { return nil }
        // The name of a domain that was deleted just now is free once that is written.
        if tx.domainCache.hasUnwrittenDeletion(of: name) { try flush() }
        var domain = SendingDomain(id: 0, accountID: accountID, name: name, createdAt: tx.now)
        domain.outbound = outbound
        // Where another node inserts the same name at this moment, the statement waits for it, and then inserts nothing.
        let id = try tx.sql.first(DomainRow.insertStatement, Array(DomainRow.encode(domain).dropFirst())) { $0.integer(0) }
        guard let id else {
            tx.domainCache.forgetAbsence(of: name)
            return nil
        }
        domain.id = id
        tx.domainCache.add(domain)
        return domain
    }

    /// Records the changes of a domain in the cache. They are written by ``flush()``.
    package func update(_ domain: SendingDomain) {
        tx.domainCache.change(domain)
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
        domain.accountStatus = account.status
        update(domain)
        return domain
    }

    /// Returns the live domain of a name, read and locked once in a transaction; `nil` when there is none.
    private func findForUpdate(named name: DomainName) throws -> SendingDomain? {
        if let cached = tx.domainCache.domain(named: name) { return cached }
        if tx.domainCache.isAbsent(name) { return nil }
        let found = try load("WHERE name = ?1 AND deleted_at IS NULL", .text(name.description))
        tx.domainCache.store(lookedFor: [name])
        return found
    }

    private func load(_ condition: String, _ key: DatabaseValue) throws -> SendingDomain? {
        let row = try tx.sql.first(
            "SELECT \(DomainRow.selected) FROM domains \(condition)\(tx.sql.dialect.forUpdate)", [key], DomainRow.decode)
        return try row.map(store)
    }

    /// Stores in the cache a domain whose row was read and locked. A month that ended is frozen here, before the new one counts anything.
    ///
    /// - Returns: the domain with the counters of the present day and month; as this transaction has changed it, where it was in the cache.
    func store(_ row: SendingDomain) throws -> SendingDomain {
        if let cached = tx.domainCache.domain(row.id) { return cached }
        var domain = row
        let before = domain.counters
        let frozen = try tx.counters.roll(&domain)
        tx.domainCache.add(domain)
        if domain.counters != before { tx.domainCache.change(domain) }
        if let frozen { try tx.counters.freeze(frozen, of: domain) }
        return domain
    }

    /// Writes the changed domains in the order of their ids, and adds the admitted emails to the counts of their accounts.
    func flush() throws {
        for domain in tx.domainCache.drainChanged() {
            try write(domain)
            tx.reputationCache.add(ReputationCounts(sent: domain.admitted), of: domain.accountID, on: tx.now.day)
        }
    }

    /// Writes the row of a domain at once.
    func write(_ domain: SendingDomain) throws {
        try tx.sql.execute(DomainRow.updateStatement, DomainRow.encode(domain))
    }
}
