package import MailModel
package import Storage

/// What became of the emails (specification 10.1): read from counters that are kept as the events arrive, so that a report costs the
/// same whatever was sent. docs/reports.md says what is counted, and when.
package struct ReportService: Sendable {
    private let store: Store

    package init(store: Store) {
        self.store = store
    }

    package var now: Timestamp { store.now }

    /// Totals and series.
    ///
    /// - Parameter accountID: whose emails; `nil` for everybody's.
    package func emails(
        _ subject: ReportSubject = .all, of accountID: Int64?, in range: ReportRange, by interval: ReportInterval
    ) async throws -> EmailReport {
        try await store.read { try $0.emailReport(subject, of: accountID, in: range, by: interval) }
    }

    /// Campaigns with their totals, the newest first.
    ///
    /// - Parameters:
    ///   - accountID: whose campaigns; `nil` for everybody's.
    ///   - after: begin behind this campaign's id.
    package func campaigns(of accountID: Int64?, after: Int64? = nil, limit: Int) async throws -> [Campaign] {
        try await store.read { try $0.campaigns(of: accountID, after: after, limit: limit) }
    }

    /// A campaign with its totals; `nil` when no email of the account has this `externalId`.
    package func campaign(_ externalID: String, of accountID: Int64) async throws -> Campaign? {
        try await store.read { try $0.campaign(externalID, of: accountID) }
    }
}

extension ReadContext {
    fileprivate func emailReport(
        _ subject: ReportSubject, of accountID: Int64?, in range: ReportRange, by interval: ReportInterval
    ) throws -> EmailReport {
        let calendar = ReportCalendar(range.quarters, in: range.zone, by: interval)
        var report = EmailReport(
            range: range, interval: interval, totals: ReportCounts(),
            series: calendar.steps.map { EmailReport.Point(at: $0.start.start, local: $0.local) })
        for (index, segment) in calendar.segments.enumerated() {
            let found = try reportCounts(
                of: subject, accountID: accountID, quarters: segment.quarters, offset: segment.offset, width: interval.width)
            for (step, counts) in found {
                report.totals += counts
                if let point = calendar.index(of: step, segment: index) { report.series[point].counts += counts }
            }
        }
        return report
    }
}
