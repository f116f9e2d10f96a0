import Database
package import MailModel

/// Which domains a list shows.
package struct DomainFilter: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case active, suspended, unverified
    }

    /// A part of the name.
    package var text: String?
    package var state: State?

    package init(text: String? = nil, state: State? = nil) {
        self.text = text
        self.state = state
    }
}

/// What the domains of an account, or all, count together.
package struct DomainTotals: Sendable, Equatable {
    package var domains: Int64 = 0
    package var suspended: Int64 = 0
    package var unverified: Int64 = 0
    package var sentToday: Int64 = 0
    package var sentThisMonth: Int64 = 0
    /// Of this month, as the guillotine counts them.
    package var bounces: Int64 = 0
    package var complaints: Int64 = 0

    package init() {}
}

extension ReadContext {
    /// Live domains that a person looks for, newest first. Reads at the most all domains of the account: there are thousands, not millions.
    package func domains(of accountID: Int64?, matching filter: DomainFilter, after: Int64?, limit: Int) throws -> [SendingDomain] {
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
        return try transaction.query(
            """
            SELECT \(DomainRow.selected) FROM domains WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?2
            """, values, rolled)
    }

    /// Sums over the rows of the domains, of which there are thousands at the most.
    package func domainTotals(of accountID: Int64?) throws -> DomainTotals {
        let owner = accountID == nil ? "" : "AND account_id = ?3"
        let totals = try transaction.first(
            """
            SELECT COUNT(*), \(Self.sum("1", where: "status = 'suspended'")), \(Self.sum("1", where: "ses_verified = 0")),
                \(Self.sum("sent_today", where: "day = ?1")), \(Self.sum("sent_month", where: "month = ?2")),
                \(Self.sum("bounces", where: "month = ?2")), \(Self.sum("complaints", where: "month = ?2"))
            FROM domains WHERE deleted_at IS NULL \(owner)
            """,
            [.integer(now.day.number), .integer(now.month.number)] + (accountID.map { [.integer($0)] } ?? [])
        ) { row in
            var totals = DomainTotals()
            (totals.domains, totals.suspended, totals.unverified) = (row.integer(0), row.integer(1), row.integer(2))
            (totals.sentToday, totals.sentThisMonth) = (row.integer(3), row.integer(4))
            (totals.bounces, totals.complaints) = (row.integer(5), row.integer(6))
            return totals
        }
        return totals ?? DomainTotals()
    }

    /// The references of accounts, by their ids.
    package func accountReferences(_ ids: Set<Int64>) throws -> [Int64: String] {
        try ids.reduce(into: [:]) { references, id in references[id] = try account(id)?.reference }
    }

    private static func sum(_ column: String, where condition: String) -> String {
        "CAST(COALESCE(SUM(CASE WHEN \(condition) THEN \(column) ELSE 0 END), 0) AS BIGINT)"
    }

    /// A pattern of `LIKE` for what holds a text as it is.
    private static func pattern(containing text: String) -> String {
        "%" + text.lowercased().flatMap { "!%_".contains($0) ? ["!", $0] : [$0] } + "%"
    }
}

extension ReadContext {
    /// Live domains that used most of what they may send today, the fullest first.
    package func fullestDomains(of accountID: Int64?, limit: Int) throws -> [SendingDomain] {
        let owner = accountID == nil ? "" : "AND account_id = ?3"
        return try transaction.query(
            """
            SELECT \(DomainRow.selected) FROM domains
            WHERE deleted_at IS NULL AND daily_limit > 0 AND sent_today > 0 AND day = ?1 \(owner)
            ORDER BY sent_today * 1000 / daily_limit DESC, id LIMIT ?2
            """,
            [.integer(now.day.number), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []), rolled)
    }

    /// Suspended domains, the latest first.
    package func suspendedDomains(of accountID: Int64?, limit: Int) throws -> [SendingDomain] {
        let owner = accountID == nil ? "" : "AND account_id = ?2"
        return try transaction.query(
            """
            SELECT \(DomainRow.selected) FROM domains WHERE status = 'suspended' AND deleted_at IS NULL \(owner) ORDER BY id DESC LIMIT ?1
            """,
            [.integer(limit)] + (accountID.map { [.integer($0)] } ?? []), rolled)
    }
}
