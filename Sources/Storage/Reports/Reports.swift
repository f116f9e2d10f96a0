import Database
package import MailModel

extension ReadableTransaction {
    /// The counters of reports.
    package var reports: Reports<Self> { Reports(tx: self) }
}

/// The counters that reports are read from (specification 10.1): for the installation, each account, domain, sender, campaign and tag, one
/// row for each quarter of an hour.
///
/// Rows of old days are summed up by the day.
///
/// What a transaction counts is collected in its ``ReportCache`` and written by ``flush()``, each row once.
package struct Reports<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Reports {
    /// Returns what was counted within a range, in steps of a fixed width.
    ///
    /// - Parameters:
    ///   - accountID: whose emails; `nil` for those of all accounts.
    ///   - quarters: the range, in quarters of an hour since the epoch.
    ///   - offset: by how many quarters of an hour the steps are shifted: the time zone's offset east of UTC.
    ///   - width: the number of quarters of an hour in a step.
    /// - Returns: the steps in which something was counted, in order. `step` is the number of the step since the epoch, in the shifted
    ///   time.
    package func counts(
        of subject: ReportSubject, accountID: Int64?, quarters: Range<Int64>, offset: Int64, width: Int64
    ) throws -> [(step: Int64, counts: ReportCounts)] {
        let rows = ReportSelection(of: subject, accountID: accountID)
        return try tx.sql.query(
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
}

/// The rows that a report of a subject is summed over.
private struct ReportSelection {
    var scope: ReportRow.Scope
    var label: String
    /// `nil` for the rows of all accounts.
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

extension Reports where Tx == Transaction {
    /// Counts an accepted email, and inserts its campaign.
    ///
    /// - Returns: the marks of what is counted of the email, to be stored with it.
    func countAccepted(_ email: Email) throws -> ReportMarks {
        var marks = ReportMarks()
        let tags = Set(email.content.tags).sorted()
        if !tags.isEmpty { marks.insert(.tagged) }
        let campaign = email.externalID.map { CampaignKey(accountID: email.accountID, externalID: $0) }
        if let campaign, try !tx.campaigns.insert(campaign, startedAt: email.createdAt) { marks.insert(.unlisted) }
        let counts = ReportCounts(.accepted) + marks.take(email.status.rawValue)
        tx.reportCache.counts.add(
            counts,
            of: .init(
                accountID: email.accountID, domainID: email.domainID ?? 0, sender: email.sender.description,
                externalID: marks.contains(.unlisted) ? nil : email.externalID, tags: tags, quarter: email.createdAt.quarterHour.number))
        return marks
    }

    /// Counts an event of an email, as far as its marks leave something to count.
    ///
    /// - Parameters:
    ///   - event: the `status` of its timeline entry.
    ///   - at: when it happened. A time before the email's acceptance or in the future is moved to the nearest possible one: that clock is
    ///     wrong.
    /// - Returns: the marks of what is counted of the email now, to be stored with it.
    func countEvent(_ event: String, at: Timestamp, of email: EmailState) throws -> ReportMarks {
        var marks = email.marks
        let counts = marks.take(event)
        guard !counts.isEmpty else { return marks }
        let time = max(email.createdAt, min(at, tx.now))
        let tags = marks.contains(.tagged) ? try tags(of: email.id) : []
        tx.reportCache.counts.add(
            counts,
            of: .init(
                accountID: email.accountID, domainID: email.domainID ?? 0, sender: email.sender.description,
                externalID: marks.contains(.unlisted) ? nil : email.externalID, tags: tags, quarter: time.quarterHour.number))
        return marks
    }

    private func tags(of id: EmailID) throws -> [String] {
        try prefetchTags(of: [id])
        return tx.emailCache.tags[id] ?? []
    }

    /// Reads the tags of emails, unless this transaction has read them.
    func prefetchTags(of emails: [EmailID]) throws {
        let unknown = emails.filter { tx.emailCache.tags[$0] == nil }
        guard !unknown.isEmpty else { return }
        let found = try tx.sql.query(
            over: unknown.map { .id($0) }, { "SELECT id, extras FROM email_contents WHERE id IN (\($0))" }
        ) { row in
            var content = EmailContent(subject: "", text: "")
            // Malformed extras count as no tags: one email must not keep the events of others in its batch from being counted.
            if let extras = row.optionalText(1) { _ = try? content.decodeExtras(extras) }
            return (try row.emailID(0), Set(content.tags).sorted())
        }
        for (id, tags) in found { tx.emailCache.tags[id] = tags }
    }
}
