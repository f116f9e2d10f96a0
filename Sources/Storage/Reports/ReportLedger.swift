import MailModel

/// What a transaction has counted for reports and not written yet: a row is written once, however many emails share the transaction.
struct ReportLedger {
    /// What the counts of an email belong to. Emails of one campaign share it, so that most of them cost one look-up.
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

    /// The counts by the rows they go to, which from then on count as written. In the order of the keys.
    ///
    /// - Parameter domainNames: the names of domains by their ids.
    mutating func take(domainNames: (Set<Int64>) throws -> [Int64: String]) rethrows -> [(key: ReportRow.Key, counts: ReportCounts)] {
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
