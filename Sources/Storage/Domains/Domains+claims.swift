import Database
package import MailModel

// Whose a name is (specification 3.11): what other accounts hold or held, what an account gave up, and the claims that are not proven.

/// What became of a name in the hands of other accounts.
package struct NameHistory: Sendable, Equatable {
    /// Whether another account has proven the name at any time, or claims it now.
    package var isOrWasHeld = false
    /// Whether the account that last had proven it gave it up while it was suspended.
    package var wasGivenUpSuspended = false

    /// The history of a name that no account has had.
    package init() {}
}

extension Domains {
    /// Returns what other accounts have or had to do with a name.
    ///
    /// Claims that ended without a proof do not count.
    package func history(of name: DomainName, withoutAccount accountID: Int64) throws -> NameHistory {
        let last = try tx.sql.first(
            """
            SELECT status FROM domains
            WHERE name = ?1 AND account_id <> ?2 AND deleted_at IS NOT NULL AND proven_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT 1
            """, [.text(name.description), .integer(accountID)]
        ) { try $0.choice(0) as OutboundConfiguration.Status }
        var history = NameHistory()
        history.isOrWasHeld = try last != nil || listClaims(on: name).contains { $0.accountID != accountID }
        history.wasGivenUpSuspended = last == .suspended
        return history
    }

    /// Whether another account has proven a name above or below this one.
    package func hasProvenRelative(of name: DomainName, withoutAccount accountID: Int64) throws -> Bool {
        let above = sequence(first: name, next: \.parent).dropFirst().map { DatabaseValue.text($0.description) }
        var values = ParameterList()
        let owner = values.add([.integer(accountID)])
        let below = values.add([.text("%.\(name)")])
        let condition = above.isEmpty ? "" : "name IN (\(values.add(above))) OR"
        return try tx.sql.first(
            """
            SELECT 1 FROM domains
            WHERE deleted_at IS NULL AND ownership = 'proven' AND account_id <> \(owner) AND (\(condition) name LIKE \(below)) LIMIT 1
            """, values.values
        ) { _ in true } ?? false
    }

    /// Whether an account has this many live domains that are not proven, or more.
    package func hasUnproven(atLeast count: Int, of accountID: Int64) throws -> Bool {
        guard count > 0 else { return true }
        return try tx.sql.first(
            """
            SELECT 1 FROM domains WHERE account_id = ?1 AND deleted_at IS NULL AND ownership <> 'proven' ORDER BY id LIMIT 1 OFFSET ?2
            """, [.integer(accountID), .integer(count - 1)]
        ) { _ in true } ?? false
    }

    /// Whether an account has proven a domain, this one or one above it, and given it up.
    package func wasGivenUp(_ name: DomainName, by accountID: Int64) throws -> Bool {
        var values = ParameterList()
        let owner = values.add([.integer(accountID)])
        let names = values.add(sequence(first: name, next: \.parent).map { .text($0.description) })
        return try tx.sql.first(
            """
            SELECT 1 FROM domains
            WHERE name IN (\(names)) AND account_id = \(owner) AND deleted_at IS NOT NULL AND proven_at IS NOT NULL LIMIT 1
            """, values.values
        ) { _ in true } ?? false
    }

    /// Returns the live domains that wait for the operator, the oldest first.
    package func listInReview(limit: Int) throws -> [SendingDomain] {
        try tx.sql.query(
            "SELECT \(DomainRow.selected) FROM domains WHERE ownership = 'review' AND deleted_at IS NULL ORDER BY id LIMIT ?1",
            [.integer(limit)], rolled)
    }

    /// Returns given up domains whose identity Martlet made and has not deleted at SES yet.
    package func listLeftOverIdentities(limit: Int) throws -> [SendingDomain] {
        try tx.sql.query(
            "SELECT \(DomainRow.selected) FROM domains WHERE ses_identity = 'made' AND deleted_at IS NOT NULL ORDER BY id LIMIT ?1",
            [.integer(limit)], rolled)
    }
}

extension Domains where Tx == Transaction {
    /// Locks a name until the transaction ends, for decisions that depend on all claims on it: of two nodes that decide, the second one sees what
    /// the first has committed.
    package func lock(_ name: DomainName) throws {
        guard !tx.sql.dialect.hasOneWriter else { return }
        _ = try tx.sql.query("SELECT pg_advisory_xact_lock(?1)::TEXT", [.integer(AdvisoryLock.key(of: "domain \(name)"))]) { _ in }
        tx.domainCache.forgetLookup(of: name)
    }

    /// Returns the domain of a name that an account last gave up, locked; `nil` when it never had one.
    package func findGivenUp(_ name: DomainName, by accountID: Int64) throws -> SendingDomain? {
        if tx.domainCache.hasUnwrittenDeletion(of: name) { try flush() }
        return try load(
            "WHERE name = ?1 AND account_id = ?2 AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT 1",
            [.text(name.description), .integer(accountID)])
    }

    /// Returns the pending claims that were made before a time, the oldest first; those without a time first.
    package func listLapsing(claimedBefore time: Timestamp, limit: Int) throws -> [SendingDomain] {
        let rows = try tx.sql.query(
            """
            SELECT \(DomainRow.selected) FROM domains
            WHERE deleted_at IS NULL AND ownership = 'pending' AND COALESCE(claimed_at, 0) < ?1
            ORDER BY COALESCE(claimed_at, 0) LIMIT ?2\(tx.sql.dialect.forUpdate)
            """, [.timestamp(time), .integer(limit)], DomainRow.decode)
        return try rows.map(store)
    }
}

/// The keys of the advisory locks of PostgreSQL, the same on every node.
enum AdvisoryLock {
    /// FNV-1a of a name, which begins with the kind of what is locked.
    ///
    /// Two names with the same key only wait for each other.
    static func key(of name: String) -> Int64 {
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Int64(bitPattern: hash)
    }
}
