import MailModel

/// What a transaction has counted for reports and not written yet, and what it knows of campaigns.
struct ReportCache {
    var counts = ReportLedger()
    /// The campaigns that begin in this transaction, with the time of the first email of each.
    var started: [CampaignKey: Timestamp] = [:]
    /// How many more campaigns accounts may begin today, as far as this transaction has determined it.
    var remaining: [Int64: Int] = [:]
    /// What the process knows from earlier transactions.
    let known: KnownCampaigns
    /// What this transaction has read and written; the process knows it once that is committed.
    var found = KnownCampaigns.Findings()

    init(known: KnownCampaigns) {
        self.known = known
    }
}

/// The counts of a transaction by what they belong to, so that each row is written once however many emails share the transaction.
struct ReportLedger {
    /// What the counts of an email belong to.
    ///
    /// The emails of one campaign mostly share it, so that counting one costs one hash lookup.
    struct Source: Hashable {
        var accountID: Int64
        /// 0 where no domain was charged.
        var domainID: Int64
        var sender: String
        var externalID: String?
        var tags: [String]
        var quarter: Int64
    }

    private var counts: [Source: ReportCounts] = [:]

    mutating func add(_ added: ReportCounts, of source: Source) {
        guard !added.isEmpty else { return }
        counts[source, default: ReportCounts()] += added
    }

    /// Returns the counts by the rows they are added to, which from then on count as written.
    ///
    /// In the order of the keys.
    ///
    /// - Parameter domainNames: returns the names of domains by their ids.
    mutating func drain(domainNames: (Set<Int64>) throws -> [Int64: String]) rethrows -> [(key: ReportRow.Key, counts: ReportCounts)] {
        guard !counts.isEmpty else { return [] }
        let names = try domainNames(Set(counts.keys.map(\.domainID)).subtracting([0]))
        var rows: [ReportRow.Key: ReportCounts] = [:]
        for (source, added) in counts {
            for key in Self.keys(of: source, domain: names[source.domainID]) { rows[key, default: ReportCounts()] += added }
        }
        counts.removeAll(keepingCapacity: true)
        return rows.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func keys(of source: Source, domain: String?) -> [ReportRow.Key] {
        func key(_ scope: ReportRow.Scope, _ label: String) -> ReportRow.Key {
            ReportRow.Key(scope: scope, label: label, accountID: scope == .platform ? 0 : source.accountID, quarter: source.quarter)
        }
        var keys = [key(.platform, ""), key(.account, ""), key(.sender, source.sender)]
        if let domain { keys.append(key(.domain, domain)) }
        if let campaign = source.externalID { keys.append(key(.campaign, campaign)) }
        return keys + source.tags.map { key(.tag, $0) }
    }
}
