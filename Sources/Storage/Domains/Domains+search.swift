import Database
package import MailModel

/// The conditions of a search for domains.
package struct DomainFilter: Sendable, Equatable {
    /// The state of a domain that a search can ask for.
    package enum State: String, Sendable, CaseIterable {
        case active, suspended, unverified
    }

    /// A part of the name, in any case; `nil` for all names.
    package var text: String?
    /// `active` means verified and not suspended; `nil` stands for all states.
    package var state: State?

    /// A filter that matches all domains unless a condition is given.
    package init(text: String? = nil, state: State? = nil) {
        self.text = text
        self.state = state
    }
}

/// The totals over the live domains of one account, or of all.
package struct DomainTotals: Sendable, Equatable {
    /// The number of domains.
    package var domains: Int64 = 0
    /// How many of them are suspended.
    package var suspended: Int64 = 0
    /// How many of them are not verified.
    package var unverified: Int64 = 0
    /// Emails of the present day, as the gate counts them.
    package var sentToday: Int64 = 0
    /// Emails of the present month, as the gate counts them.
    package var sentThisMonth: Int64 = 0
    /// Bounces that came in the present month, those of earlier periods' mail included.
    package var bounces: Int64 = 0
    /// Complaints of the present month.
    package var complaints: Int64 = 0

    /// The totals of no domains.
    package init() {}
}

extension Domains {
    /// Returns live domains that match a filter, newest first.
    ///
    /// Reads at most all domains of the account: there are thousands, not millions.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: only domains older than the one of this id.
    ///   - limit: the maximum number of domains.
    package func list(of accountID: Int64?, matching filter: DomainFilter, after: Int64?, limit: Int) throws -> [SendingDomain] {
        var conditions = ["deleted_at IS NULL", "id < ?1"]
        var values: [DatabaseValue] = [.integer(after ?? .max), .integer(limit)]
        func add(_ condition: (String) -> String, _ value: DatabaseValue) {
            values.append(value)
            conditions.append(condition("?\(values.count)"))
        }
        if let accountID { add({ "account_id = \($0)" }, .integer(accountID)) }
        if let text = filter.text { add({ "name LIKE \($0) ESCAPE '!'" }, .text(Self.pattern(containing: text))) }
        switch filter.state {
        case nil: break
        case .active?: conditions.append("status = 'active' AND ses_verified = 1")
        case .suspended?: conditions.append("status = 'suspended'")
        case .unverified?: conditions.append("ses_verified = 0")
        }
        return try tx.sql.query(
            """
            SELECT \(DomainRow.selected) FROM domains WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?2
            """, values, rolled)
    }

    /// Returns the names of the live domains of an account, newest first.
    package func listNames(of accountID: Int64) throws -> [String] {
        try tx.sql.query(
            "SELECT name FROM domains WHERE account_id = ?1 AND deleted_at IS NULL ORDER BY id DESC", [.integer(accountID)]
        ) { $0.text(0) }
    }

    /// Returns the live domains that have used most of their limit, the fullest first.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - inMonth: the limit of the present month, instead of the day's.
    package func listFullest(of accountID: Int64?, inMonth: Bool = false, limit: Int) throws -> [SendingDomain] {
        let owner = accountID == nil ? "" : "AND account_id = ?3"
        let (period, sent, most) = inMonth ? ("month", "sent_month", "monthly_limit") : ("day", "sent_today", "daily_limit")
        return try tx.sql.query(
            """
            SELECT \(DomainRow.selected) FROM domains
            WHERE deleted_at IS NULL AND \(most) > 0 AND \(sent) > 0 AND \(period) = ?1 \(owner)
            ORDER BY \(sent) * 1000 / \(most) DESC, id LIMIT ?2
            """,
            [.integer(inMonth ? tx.now.month.number : tx.now.day.number), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []),
            rolled)
    }

    /// Returns suspended live domains, newest first.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - isAutomatic: only those that their bounce rate has suspended, not people.
    package func listSuspended(of accountID: Int64?, isAutomatic: Bool = false, limit: Int) throws -> [SendingDomain] {
        let owner = (accountID == nil ? "" : "AND account_id = ?2") + (isAutomatic ? " AND suspended_reason LIKE 'guillotine:%'" : "")
        return try tx.sql.query(
            """
            SELECT \(DomainRow.selected) FROM domains WHERE status = 'suspended' AND deleted_at IS NULL \(owner) ORDER BY id DESC LIMIT ?1
            """,
            [.integer(limit)] + (accountID.map { [.integer($0)] } ?? []), rolled)
    }

    /// Returns the totals over the live domains.
    ///
    /// Reads a row for each of them, thousands at most.
    ///
    /// - Parameter accountID: only this account's; `nil` for all.
    package func totals(of accountID: Int64?) throws -> DomainTotals {
        let owner = accountID == nil ? "" : "AND account_id = ?3"
        let totals = try tx.sql.first(
            """
            SELECT COUNT(*), \(Self.sum("1", where: "status = 'suspended'")), \(Self.sum("1", where: "ses_verified = 0")),
                \(Self.sum("sent_today", where: "day = ?1")), \(Self.sum("sent_month", where: "month = ?2")),
                \(Self.sum("bounces", where: "month = ?2")), \(Self.sum("complaints", where: "month = ?2"))
            FROM domains WHERE deleted_at IS NULL \(owner)
            """,
            [.integer(tx.now.day.number), .integer(tx.now.month.number)] + (accountID.map { [.integer($0)] } ?? [])
        ) { row in
            var totals = DomainTotals()
            (totals.domains, totals.suspended, totals.unverified) = (row.integer(0), row.integer(1), row.integer(2))
            (totals.sentToday, totals.sentThisMonth) = (row.integer(3), row.integer(4))
            (totals.bounces, totals.complaints) = (row.integer(5), row.integer(6))
            return totals
        }
        return totals ?? DomainTotals()
    }

    private static func sum(_ column: String, where condition: String) -> String {
        "CAST(COALESCE(SUM(CASE WHEN \(condition) THEN \(column) ELSE 0 END), 0) AS BIGINT)"
    }

    /// A `LIKE` pattern, with `!` as its escape, for names that contain a text.
    private static func pattern(containing text: String) -> String {
        "%" + LikePattern.escaped(text.lowercased()) + "%"
    }
}
