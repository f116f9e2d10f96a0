import Database
import MailModel

extension WriteContext {
    /// Counts an email that was taken in.
    ///
    /// - Returns: what of it is counted then, to be kept with it.
    func countAccepted(_ email: Email) throws -> ReportMarks {
        var marks = ReportMarks()
        let tags = Set(email.content.tags).sorted()
        if !tags.isEmpty { marks.insert(.tagged) }
        let campaign = email.externalID.map { CampaignKey(accountID: email.accountID, externalID: $0) }
        if let campaign, try !list(campaign, startedAt: email.createdAt) { marks.insert(.unlisted) }
        let counts = ReportCounts(.accepted) + marks.take(email.status.rawValue)
        reports.add(
            counts,
            of: .init(
                accountID: email.accountID, domainID: email.domainID ?? 0, sender: email.sender.description,
                externalID: marks.contains(.unlisted) ? nil : email.externalID, tags: tags, quarter: email.createdAt.quarterHour.number))
        return marks
    }

    /// Counts an event of an email, if it counts.
    ///
    /// - Parameter at: when it happened; what lies before the email or in the future is a wrong clock.
    /// - Returns: what of the email is counted then, to be kept with it.
    func countEvent(_ event: String, at: Timestamp, of email: EmailState) throws -> ReportMarks {
        var marks = email.marks
        let counts = marks.take(event)
        guard !counts.isEmpty else { return marks }
        let time = max(email.createdAt, min(at, now))
        reports.add(
            counts,
            of: .init(
                accountID: email.accountID, domainID: email.domainID ?? 0, sender: email.sender.description,
                externalID: marks.contains(.unlisted) ? nil : email.externalID, tags: marks.contains(.tagged) ? try tags(of: email.id) : [],
                quarter: time.quarterHour.number))
        return marks
    }

    private func tags(of id: EmailID) throws -> [String] {
        try lookUpTags(of: [id])
        return tags[id] ?? []
    }

    /// Reads the labels of emails, unless this transaction has read them.
    func lookUpTags(of emails: [EmailID]) throws {
        let unknown = emails.filter { tags[$0] == nil }
        guard !unknown.isEmpty else { return }
        let found = try transaction.query(
            over: unknown.map { .id($0) }, { "SELECT id, extras FROM email_contents WHERE id IN (\($0))" }
        ) { row in
            var content = EmailContent(subject: "", text: "")
            // What cannot be read has no labels: the event of one email must not keep those of others from being counted.
            if let extras = row.optionalText(1) { _ = try? content.takeExtras(extras) }
            return (try row.emailID(0), Set(content.tags).sorted())
        }
        for (id, labels) in found { tags[id] = labels }
    }

    /// Writes what was counted, and the campaigns that began.
    func flushReports() throws {
        for (campaign, time) in startedCampaigns.sorted(by: { $0.key < $1.key }) {
            try transaction.execute(
                "INSERT INTO campaigns (account_id, external_id, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                [.integer(campaign.accountID), .text(campaign.externalID), .timestamp(time)])
        }
        startedCampaigns.removeAll(keepingCapacity: true)
        campaignRoom.removeAll()
        // On an engine with one writer there is nobody to wait for.
        let slot = transaction.dialect.forUpdate.isEmpty ? 0 : Self.slot
        let rows = try reports.take(domainNames: domainNames)
        try addReports(rows, slot: slot)
    }

    /// Where this process counts: two that have drawn the same one wait for each other at times, and count right all the same.
    private static let slot = Int64.random(in: 0..<64)

    private func domainNames(_ ids: Set<Int64>) throws -> [Int64: String] {
        let known = ids.compactMap(domains.domain).map { ($0.id, $0.name.description) }
        let unknown = ids.subtracting(known.map(\.0))
        guard !unknown.isEmpty else { return Dictionary(uniqueKeysWithValues: known) }
        let found = try transaction.query(over: unknown.map { .integer($0) }, { "SELECT id, name FROM domains WHERE id IN (\($0))" }) {
            ($0.integer(0), $0.text(1))
        }
        return Dictionary(known + found, uniquingKeysWith: { first, _ in first })
    }
}

/// Names a campaign.
struct CampaignKey: Hashable, Comparable {
    var accountID: Int64
    var externalID: String

    static func < (lhs: CampaignKey, rhs: CampaignKey) -> Bool {
        (lhs.accountID, lhs.externalID) < (rhs.accountID, rhs.externalID)
    }
}
