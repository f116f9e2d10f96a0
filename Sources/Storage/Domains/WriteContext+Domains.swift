import Database
package import MailModel

extension WriteContext {
    /// Makes a domain.
    ///
    /// - Returns: `nil` when there is one of that name.
    package func createDomain(_ name: DomainName, accountID: Int64, outbound: OutboundConfiguration) throws -> SendingDomain? {
        guard try domain(named: name) == nil else { return nil }
        var domain = SendingDomain(id: 0, accountID: accountID, name: name, createdAt: now)
        domain.outbound = outbound
        let values = DomainRow.encode(domain).dropFirst()
        let columns = DomainRow.columns.dropFirst("id, ".count)
        let parameters = (1...values.count).map { "?\($0)" }.joined(separator: ", ")
        // Another node may be making it at this moment; then this waits, and makes none.
        let id = try transaction.first(
            "INSERT INTO domains (\(columns)) VALUES (\(parameters)) ON CONFLICT DO NOTHING RETURNING id", Array(values)
        ) { $0.integer(0) }
        guard let id else { return nil }
        domain = SendingDomain(copying: domain, id: id)
        domains.add(domain)
        return domain
    }

    /// Takes in a changed domain. It is written once, when the transaction ends.
    package func save(_ domain: SendingDomain) {
        domains.change(domain)
    }

    /// Gives a domain to another account.
    ///
    /// Its period ends here: what it has sent, and what came back of it, is frozen for the bill of the account before, and the month begins anew
    /// for the new owner, as with a reset. The day goes on, as do the days that warm-up and the spike guard look at: receivers know the
    /// domain, not who owns it.
    ///
    /// - Returns: the domain as it is then.
    package func changeOwner(of domain: SendingDomain, to account: Account) throws -> SendingDomain {
        guard domain.accountID != account.id else { return domain }
        // What this transaction has counted so far counts for the account before.
        try flush()
        var domain = try self.domain(domain.id) ?? domain
        let frozen = domain.counters.startMonth(domain.counters.month, at: now)
        if !frozen.isEmpty { try freeze(frozen, of: domain) }
        domain.accountID = account.id
        domain.accountStatus = account.status
        save(domain)
        return domain
    }

    /// A domain by its id, also when it was deleted: what comes back late still counts for it.
    package func domain(_ id: Int64) throws -> SendingDomain? {
        if let cached = domains.domain(id) { return cached }
        return try load("WHERE id = ?1", .integer(id))
    }

    func cachedDomain(named name: DomainName) throws -> SendingDomain? {
        if let cached = domains.domain(named: name) { return cached }
        if domains.isAbsent(name) { return nil }
        return try load("WHERE name = ?1 AND deleted_at IS NULL", .text(name.description))
    }

    /// Reads a domain for changing. A month that ended is frozen here, before anything counts in the new one.
    private func load(_ condition: String, _ key: DatabaseValue) throws -> SendingDomain? {
        let row = try transaction.first(
            "SELECT \(DomainRow.selected) FROM domains \(condition)\(transaction.dialect.forUpdate)", [key], DomainRow.decode)
        return try row.map(keep)
    }

    /// Takes in a domain that was read for changing, rolled to the present.
    func keep(_ row: SendingDomain) throws -> SendingDomain {
        var domain = row
        let before = domain.counters
        let frozen = try roll(&domain)
        domains.add(domain)
        if domain.counters != before { domains.change(domain) }
        if let frozen { try freeze(frozen, of: domain) }
        return domain
    }

    func update(_ domain: SendingDomain) throws {
        try transaction.execute(Self.updateStatement, DomainRow.encode(domain))
    }

    private static let updateStatement: String = {
        let columns = DomainRow.columns.split(separator: ", ").dropFirst()
        let assignments = columns.enumerated().map { "\($0.element) = ?\($0.offset + 2)" }.joined(separator: ", ")
        return "UPDATE domains SET \(assignments) WHERE id = ?1"
    }()
}

extension SendingDomain {
    fileprivate init(copying domain: SendingDomain, id: Int64) {
        self = domain
        self.id = id
    }
}
