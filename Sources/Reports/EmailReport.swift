package import MailModel

/// What was counted of emails in a time.
package struct EmailReport: Sendable, Equatable {
    package var range: ReportRange
    package var interval: ReportInterval
    package var totals: ReportCounts
    /// Every step of the range, also those in which nothing happened.
    package var series: [Point]

    package struct Point: Sendable, Equatable {
        /// When the step begins.
        package var at: Timestamp
        /// What the step is called in the range's time zone: `2026-03-29T01:00+01:00`, `2026-03-29`, `2026-03`.
        package var local: String
        package var counts = ReportCounts()
    }
}
