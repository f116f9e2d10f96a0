package import MailModel
import Storage

/// What was counted of emails in a range of time.
package struct EmailReport: Sendable, Equatable {
    /// The range that was asked for.
    package var range: ReportRange
    /// The length of the steps of the series.
    package var interval: ReportInterval
    /// The counts of the whole range.
    package var totals: ReportCounts
    /// Every step of the range in order, also those in which nothing was counted.
    package var series: [Point]

    /// A step of the series.
    package struct Point: Sendable, Equatable {
        /// When the step begins.
        package var at: Timestamp
        /// The step's name in the range's time zone: `2026-03-29T01:00+01:00`, `2026-03-29`, `2026-03`.
        package var local: String
        /// The counts of the step.
        package var counts = ReportCounts()
    }
}

/// The query for an ``EmailReport``: one for each part of the range between two clock changes of its zone.
struct EmailReportQuery: Sendable {
    let subject: ReportSubject
    /// Whose emails; `nil` for those of all accounts.
    let accountID: Int64?
    let range: ReportRange
    let interval: ReportInterval

    func run(in tx: some ReadableTransaction) throws -> EmailReport {
        let calendar = ReportCalendar(range.quarters, in: range.zone, by: interval)
        var report = EmailReport(
            range: range, interval: interval, totals: ReportCounts(),
            series: calendar.steps.map { EmailReport.Point(at: $0.start.start, local: $0.local) })
        for (index, segment) in calendar.segments.enumerated() {
            let found = try tx.reports.counts(
                of: subject, accountID: accountID, quarters: segment.quarters, offset: segment.offset, width: interval.width)
            for (step, counts) in found {
                report.totals += counts
                if let point = calendar.index(of: step, segment: index) { report.series[point].counts += counts }
            }
        }
        return report
    }
}
