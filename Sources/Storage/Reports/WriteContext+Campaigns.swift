import Database
import MailModel

extension WriteContext {
    /// How many campaigns an account may begin in a day of UTC. Who gives every email an `externalId` of its own would have rows of counters for
    /// each: what is beyond this is counted like emails without one.
    static let mostCampaignsPerDay = 1000

    /// Puts the campaign of an email on its account's list, unless it is there.
    ///
    /// - Returns: false where the list takes no more today. Nodes that begin campaigns of an account at the same time may put on a few more.
    func list(_ campaign: CampaignKey, startedAt time: Timestamp) throws -> Bool {
        if startedCampaigns[campaign] != nil { return true }
        guard try isListed(campaign) || takeRoom(ofAccount: campaign.accountID) else { return false }
        startedCampaigns[campaign] = time
        return true
    }

    private func isListed(_ campaign: CampaignKey) throws -> Bool {
        if knownCampaigns.contains(campaign) || foundCampaigns.listed.contains(campaign) { return true }
        let found = try transaction.first(
            "SELECT 1 FROM campaigns WHERE account_id = ?1 AND external_id = ?2",
            [.integer(campaign.accountID), .text(campaign.externalID)]
        ) { _ in true }
        guard found == true else { return false }
        foundCampaigns.listed.insert(campaign)
        return true
    }

    private func takeRoom(ofAccount accountID: Int64) throws -> Bool {
        guard !knownCampaigns.isFull(accountID, on: now.day) else { return false }
        let room = try campaignRoom[accountID] ?? (Self.mostCampaignsPerDay - campaignsOfToday(accountID))
        campaignRoom[accountID] = room - 1
        guard room <= 0 else { return true }
        foundCampaigns.full[accountID] = now.day
        return false
    }

    private func campaignsOfToday(_ accountID: Int64) throws -> Int {
        let count = try transaction.first(
            """
            SELECT COUNT(*) FROM (SELECT created_at FROM campaigns WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2) AS w
            WHERE w.created_at >= ?3
            """,
            [.integer(accountID), .integer(Self.mostCampaignsPerDay), .timestamp(now.day.start)]
        ) { $0.integer(0) }
        return Int(count ?? 0)
    }
}
