package import MailModel
package import Storage

/// The service for reports on emails (specification 10.1).
///
/// They are read from counters that are updated as events arrive, so a report costs the same however many emails there are. docs/reports.md
/// says what is counted, and when.
package struct ReportService: Sendable {
    private let store: Store

    /// A service on a store.
    package init(store: Store) {
        self.store = store
    }

    /// The present time, by which ranges without an end are read.
    package var now: Timestamp { store.now }

    /// Returns what was counted of emails in a range: totals, and a series by the interval.
    ///
    /// - Parameters:
    ///   - subject: which emails.
    ///   - accountID: whose emails; `nil` for those of all accounts.
    package func emails(
        _ subject: ReportSubject = .all, of accountID: Int64?, in range: ReportRange, by interval: ReportInterval
    ) async throws -> EmailReport {
        let query = EmailReportQuery(subject: subject, accountID: accountID, range: range, interval: interval)
        return try await store.read { tx in try query.run(in: tx) }
    }

    /// Returns campaigns with their totals, newest first.
    ///
    /// - Parameters:
    ///   - accountID: whose campaigns; `nil` for those of all accounts.
    ///   - after: the id of the campaign to continue after; `nil` for the first page.
    ///   - limit: the largest number of campaigns returned.
    package func campaigns(of accountID: Int64?, after: Int64? = nil, limit: Int) async throws -> [Campaign] {
        try await store.read { try $0.campaigns.list(of: accountID, after: after, limit: limit) }
    }

    /// Returns a campaign with its totals; `nil` when no email of the account has this `externalId`.
    package func campaign(_ externalID: String, of accountID: Int64) async throws -> Campaign? {
        try await store.read { try $0.campaigns.find(externalID, of: accountID) }
    }
}
