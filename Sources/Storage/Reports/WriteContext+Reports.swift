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
    func countEvent(_ event: String, at: Timestamp, of email: ReportedEmail) throws -> ReportMarks {
        var marks = email.marks
        let counts = marks.take(event)
        guard !counts.isEmpty else { return marks }
        let time = max(email.createdAt, min(at, now))
        reports.add(
            counts,
            of: .init(
                accountID: email.accountID, domainID: email.domainID, sender: email.sender,
                externalID: marks.contains(.unlisted) ? nil : email.externalID, tags: marks.contains(.tagged) ? try tags(of: email.id) : [],
                quarter: time.quarterHour.number))
        return marks
    }

    private func tags(of id: EmailID) throws -> [String] {
        let extras = try transaction.first("SELECT extras FROM email_contents WHERE id = ?1", [.id(id)]) { $0.optionalText(0) }
        guard let extras = extras ?? nil else { return [] }
        var content = EmailContent(subject: "", text: "")
        try content.takeExtras(extras)
        return Set(content.tags).sorted()
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
        let rows = try reports.take(domainName: domainName)
        try addReports(rows, slot: slot)
    }

    /// Where this process counts: two that have drawn the same one wait for each other at times, and count right all the same.
    private static let slot = Int64.random(in: 0..<64)

    private func domainName(_ id: Int64) throws -> String? {
        if let cached = domains.domain(id) { return cached.name.description }
        return try transaction.first("SELECT name FROM domains WHERE id = ?1", [.integer(id)]) { $0.text(0) }
    }
}

/// What a report needs to know of an email to which something happened.
struct ReportedEmail {
    var id: EmailID
    var accountID: Int64
    /// 0 where no domain was charged.
    var domainID: Int64
    var sender: String
    var externalID: String?
    var createdAt: Timestamp
    var marks: ReportMarks
}

/// Names a campaign.
struct CampaignKey: Hashable, Comparable {
    var accountID: Int64
    var externalID: String

    static func < (lhs: CampaignKey, rhs: CampaignKey) -> Bool {
        (lhs.accountID, lhs.externalID) < (rhs.accountID, rhs.externalID)
    }
}
