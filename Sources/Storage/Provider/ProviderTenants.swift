import Database
package import MailModel

extension ReadableTransaction {
    /// The tenants at the provider.
    package var providerTenants: ProviderTenants<Self> { ProviderTenants(tx: self) }
}

/// The tenants that were made at the provider, with what they may send with and what it says of them (specification 6.7).
package struct ProviderTenants<Tx: ReadableTransaction> {
    let tx: Tx
}

extension ProviderTenants {
    /// Returns the tenant of a subject; `nil` where none was made.
    package func find(_ subject: TenantSubject) throws -> ProviderTenant? {
        try tx.sql.first(
            "\(TenantRow.select) WHERE kind = ?1 AND subject_id = ?2", [.text(subject.kind), .integer(subject.id)], TenantRow.decode)
    }

    /// Returns what a tenant may send with: the last parts of ARNs.
    package func resources(of name: String) throws -> Set<String> {
        Set(try tx.sql.query("SELECT resource FROM provider_tenant_resources WHERE tenant = ?1", [.text(name)]) { $0.text(0) })
    }

    /// How many there are.
    package func count() throws -> Int64 {
        try tx.sql.first("SELECT COUNT(*) FROM provider_tenants", []) { $0.integer(0) } ?? 0
    }

    /// Returns the tenants that were asked about before a time, or never, the longest ago first.
    package func list(checkedBefore time: Timestamp, limit: Int) throws -> [ProviderTenant] {
        try tx.sql.query(
            "\(TenantRow.select) WHERE checked_at < ?1 ORDER BY checked_at, name LIMIT ?2", [.timestamp(time), .integer(limit)],
            TenantRow.decode)
    }

    /// Returns the tenants of an account: its own, and those of its live domains.
    ///
    /// - Parameter limit: the most that are returned.
    package func list(of accountID: Int64, limit: Int = 1000) throws -> [NamedTenant] {
        let own = try find(.account(accountID)).map { [NamedTenant($0, domain: nil)] } ?? []
        let others = try tx.sql.query(
            """
            SELECT \(TenantRow.columns), d.name FROM domains d JOIN provider_tenants t ON t.kind = 'domain' AND t.subject_id = d.id
            WHERE d.account_id = ?1 AND d.deleted_at IS NULL ORDER BY d.name LIMIT ?2
            """, [.integer(accountID), .integer(limit)]
        ) { row in
            NamedTenant(try TenantRow.decode(row), domain: DomainName(validated: row.text(TenantRow.count)))
        }
        return own + others
    }
}

extension ProviderTenants where Tx == Transaction {
    /// Inserts a tenant; one that is there already gets the new ARN.
    package func insert(_ subject: TenantSubject, name: String, arn: String) throws {
        try tx.sql.execute(
            """
            INSERT INTO provider_tenants (kind, subject_id, name, arn, made_at, checked_at) VALUES (?1, ?2, ?3, ?4, ?5, 0)
            ON CONFLICT (kind, subject_id) DO UPDATE SET name = excluded.name, arn = excluded.arn
            """, [.text(subject.kind), .integer(subject.id), .text(name), .text(arn), .timestamp(tx.now)])
    }

    /// Records that a tenant may send with a resource.
    package func insert(resource: String, of name: String) throws {
        try tx.sql.execute(
            "INSERT INTO provider_tenant_resources (tenant, resource) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            [.text(name), .text(resource)])
    }

    /// Forgets what a tenant may send with: it is associated anew.
    package func deleteResources(of name: String) throws {
        try tx.sql.execute("DELETE FROM provider_tenant_resources WHERE tenant = ?1", [.text(name)])
    }

    /// Forgets a tenant that the provider does not know any more: it is made anew.
    package func delete(named name: String) throws {
        try deleteResources(of: name)
        try tx.sql.execute("DELETE FROM provider_tenants WHERE name = ?1", [.text(name)])
    }

    /// Records what the provider says of a tenant.
    ///
    /// - Returns: what it said before; `nil` where it was not asked before.
    @discardableResult
    package func update(_ verdict: ProviderVerdict, of name: String) throws -> ProviderVerdict? {
        let stored = try tx.sql.first(
            "\(TenantRow.select) WHERE name = ?1\(tx.sql.dialect.forUpdate)", [.text(name)], TenantRow.decode)
        guard let stored else { return nil }
        let hasChanged = stored.verdict.map(verdict.differs) ?? true
        try tx.sql.execute(
            """
            UPDATE provider_tenants SET status = ?2, provider_status = ?3, provider_cause = ?4, owner_status = ?5, owner_cause = ?6,
                impact = ?7, policy = ?8, checked_at = ?9, changed_at = ?10 WHERE name = ?1
            """,
            [
                .text(name), .text(verdict.status.rawValue), .text(verdict.providerStatus?.rawValue), .text(verdict.providerCause),
                .text(verdict.ownerStatus?.rawValue), .text(verdict.ownerCause), .text(verdict.impact), .text(verdict.policy),
                .timestamp(tx.now), .timestamp(hasChanged ? tx.now : stored.changedAt),
            ])
        return stored.verdict
    }
}

/// The row of a tenant.
private enum TenantRow {
    static let columns = """
        t.kind, t.subject_id, t.name, t.arn, t.status, t.provider_status, t.provider_cause, t.owner_status, t.owner_cause, t.impact, \
        t.policy, t.checked_at, t.changed_at
        """
    /// The number of the columns.
    static let count = 13
    static let select = "SELECT \(columns) FROM provider_tenants t"

    static func decode(_ row: any DatabaseRow) throws -> ProviderTenant {
        var tenant = ProviderTenant(
            subject: row.text(0) == "domain" ? .domain(row.integer(1)) : .account(row.integer(1)), name: row.text(2), arn: row.text(3))
        if row.integer(11) > 0 { tenant.checkedAt = row.timestamp(11) }
        tenant.changedAt = row.timestamp(12)
        guard let status = row.optionalText(4).flatMap(ProviderStatus.init(rawValue:)) else { return tenant }
        tenant.verdict = ProviderVerdict(
            status: status, providerStatus: row.optionalText(5).flatMap(ProviderStatus.init(rawValue:)), providerCause: row.optionalText(6),
            ownerStatus: row.optionalText(7).flatMap(ProviderStatus.init(rawValue:)), ownerCause: row.optionalText(8),
            impact: row.optionalText(9), policy: row.optionalText(10))
        return tenant
    }
}
