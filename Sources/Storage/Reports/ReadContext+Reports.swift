import Database
package import MailModel

extension ReadContext {
    /// What was counted in a time, in steps of a fixed width.
    ///
    /// - Parameters:
    ///   - accountID: whose emails; `nil` for everybody's.
    ///   - quarters: the time.
    ///   - offset: quarters of an hour east of UTC, by which the steps are moved.
    ///   - width: quarters in a step.
    /// - Returns: the steps in which something was counted, by their number since the epoch, in its order.
    package func reportCounts(
        of subject: ReportSubject, accountID: Int64?, quarters: Range<Int64>, offset: Int64, width: Int64
    ) throws -> [(step: Int64, counts: ReportCounts)] {
        let rows = Rows(of: subject, accountID: accountID)
        return try transaction.query(
            """
            SELECT (r.quarter + ?5) / ?6, \(ReportRow.sums) FROM report_counts r
            WHERE r.scope = ?1 AND r.label = ?2 AND r.quarter >= ?3 AND r.quarter < ?4\(rows.condition("?7")) GROUP BY 1 ORDER BY 1
            """,
            [
                .integer(rows.scope.rawValue), .text(rows.label), .integer(quarters.lowerBound), .integer(quarters.upperBound),
                .integer(offset), .integer(width),
            ] + (rows.accountID.map { [.integer($0)] } ?? [])
        ) { ($0.integer(0), ReportRow.counts($0, from: 1)) }
    }

    /// Campaigns with their sums, the newest first.
    ///
    /// - Parameter after: begin behind this campaign's id.
    package func campaigns(of accountID: Int64?, after: Int64?, limit: Int) throws -> [Campaign] {
        let owner = accountID == nil ? "" : "AND account_id = ?3"
        return try campaigns(
            where: "id < ?1 \(owner) ORDER BY id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []))
    }

    /// A campaign with its sums; `nil` when no email of the account has this `externalId`.
    package func campaign(_ externalID: String, of accountID: Int64) throws -> Campaign? {
        try campaigns(where: "account_id = ?1 AND external_id = ?2", [.integer(accountID), .text(externalID)]).first
    }

    private func campaigns(where condition: String, _ arguments: [DatabaseValue]) throws -> [Campaign] {
        try transaction.query(
            """
            SELECT c.id, c.account_id, a.reference, c.external_id, c.created_at, \(ReportRow.sums)
            FROM (SELECT id, account_id, external_id, created_at FROM campaigns WHERE \(condition)) c
            JOIN accounts a ON a.id = c.account_id
            LEFT JOIN report_counts r
                ON r.scope = \(ReportRow.Scope.campaign.rawValue) AND r.label = c.external_id AND r.account_id = c.account_id
            GROUP BY c.id, c.account_id, a.reference, c.external_id, c.created_at ORDER BY c.id DESC
            """, arguments
        ) { row in
            Campaign(
                id: row.integer(0), accountID: row.integer(1), userName: row.text(2), externalID: row.text(3),
                createdAt: row.requiredTimestamp(4), totals: ReportRow.counts(row, from: 5))
        }
    }
}

/// The rows that count for a subject.
private struct Rows {
    var scope: ReportRow.Scope
    var label: String
    /// `nil` for every account's.
    var accountID: Int64?

    init(of subject: ReportSubject, accountID: Int64?) {
        self.accountID = accountID
        switch subject {
        case .all where accountID == nil: (scope, label, self.accountID) = (.platform, "", 0)
        case .all: (scope, label) = (.account, "")
        case .domain(let name): (scope, label) = (.domain, name.description)
        case .sender(let address): (scope, label) = (.sender, address.description)
        case .campaign(let externalID): (scope, label) = (.campaign, externalID)
        case .tag(let tag): (scope, label) = (.tag, tag)
        }
    }

    func condition(_ parameter: String) -> String {
        accountID == nil ? "" : " AND r.account_id = \(parameter)"
    }
}
