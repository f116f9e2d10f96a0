public import MailModel

/// What was counted of emails in a time.
public struct EmailReport: Sendable, Equatable {
    public var range: ReportRange
    public var interval: ReportInterval
    public var totals: ReportCounts
    /// Every step of the range, also those in which nothing happened.
    public var series: [Point]

    public struct Point: Sendable, Equatable {
        /// When the step begins.
        public var at: Timestamp
        /// What the step is called in the range's time zone: `2026-03-29T01:00+01:00`, `2026-03-29`, `2026-03`.
        public var local: String
        public var counts = ReportCounts()
    }
}
