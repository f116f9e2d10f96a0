import Database
package import MailModel

extension ReadableTransaction {
    /// The campaigns of all accounts.
    package var campaigns: Campaigns<Self> { Campaigns(tx: self) }
}

/// The campaigns of accounts: the values of `externalId` that their emails have, with what reports have counted of them.
///
/// A campaign begins with its first email. Those of a transaction are written by ``flush()``: see ``ReportCache``.
package struct Campaigns<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Campaigns {
    /// Returns campaigns with their totals, newest first.
    ///
    /// - Parameters:
    ///   - accountID: whose campaigns; `nil` for those of all accounts.
    ///   - after: the id of the campaign to continue after; `nil` for the first page.
    ///   - limit: the largest number of campaigns returned.
    package func list(of accountID: Int64?, after: Int64?, limit: Int) throws -> [Campaign] {
        let owner = accountID == nil ? "" : "AND account_id = ?3"
        return try list(
            where: "id < ?1 \(owner) ORDER BY id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []))
    }

    /// Returns a campaign with its totals; `nil` when no email of the account has this `externalId`.
    package func find(_ externalID: String, of accountID: Int64) throws -> Campaign? {
        try list(where: "account_id = ?1 AND external_id = ?2", [.integer(accountID), .text(externalID)]).first
    }

    private func list(where condition: String, _ arguments: [DatabaseValue]) throws -> [Campaign] {
        try tx.sql.query(
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

/// The name of a campaign.
struct CampaignKey: Hashable, Comparable {
    /// How many campaigns an account may begin in a day of UTC.
    ///
    /// An `externalId` of its own for every email would mean counter rows for each of them: emails of further campaigns are counted like
    /// those without one.
    static let mostPerDay = 1000

    var accountID: Int64
    var externalID: String

    static func < (lhs: CampaignKey, rhs: CampaignKey) -> Bool {
        (lhs.accountID, lhs.externalID) < (rhs.accountID, rhs.externalID)
    }
}

extension Campaigns where Tx == Transaction {
    /// Adds the campaign of an email to its account's list, unless it is there.
    ///
    /// - Returns: false when the account may begin no more campaigns today. Nodes that begin campaigns of an account at the same time may
    ///   exceed ``CampaignKey/mostPerDay`` by a few.
    func insert(_ campaign: CampaignKey, startedAt time: Timestamp) throws -> Bool {
        if tx.reportCache.started[campaign] != nil { return true }
        if try exists(campaign) { return true }
        guard try mayBegin(accountID: campaign.accountID) else { return false }
        tx.reportCache.started[campaign] = time
        return true
    }

    private func exists(_ campaign: CampaignKey) throws -> Bool {
        if tx.reportCache.known.contains(campaign) || tx.reportCache.found.listed.contains(campaign) { return true }
        let found = try tx.sql.first(
            "SELECT 1 FROM campaigns WHERE account_id = ?1 AND external_id = ?2",
            [.integer(campaign.accountID), .text(campaign.externalID)]
        ) { _ in true }
        guard found == true else { return false }
        tx.reportCache.found.listed.insert(campaign)
        return true
    }

    /// Counts one more campaign of today, and returns whether the account may begin it.
    private func mayBegin(accountID: Int64) throws -> Bool {
        guard !tx.reportCache.known.isFull(accountID, on: tx.now.day) else { return false }
        let remaining = try tx.reportCache.remaining[accountID] ?? (CampaignKey.mostPerDay - campaignsOfToday(accountID))
        tx.reportCache.remaining[accountID] = remaining - 1
        guard remaining <= 0 else { return true }
        tx.reportCache.found.full[accountID] = tx.now.day
        return false
    }

    private func campaignsOfToday(_ accountID: Int64) throws -> Int {
        let count = try tx.sql.first(
            """
            SELECT COUNT(*) FROM (SELECT created_at FROM campaigns WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2) AS w
            WHERE w.created_at >= ?3
            """,
            [.integer(accountID), .integer(CampaignKey.mostPerDay), .timestamp(tx.now.day.start)]
        ) { $0.integer(0) }
        return Int(count ?? 0)
    }

    /// Writes the campaigns that began.
    func flush() throws {
        for (campaign, time) in tx.reportCache.started.sorted(by: { $0.key < $1.key }) {
            try tx.sql.execute(
                """
                INSERT INTO campaigns (account_id, external_id, created_at, id) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (account_id, external_id) DO NOTHING
                """,
                [.integer(campaign.accountID), .text(campaign.externalID), .timestamp(time), .integer(tx.newID())])
            tx.reportCache.found.listed.insert(campaign)
        }
        tx.reportCache.started.removeAll(keepingCapacity: true)
        tx.reportCache.remaining.removeAll()
    }
}
