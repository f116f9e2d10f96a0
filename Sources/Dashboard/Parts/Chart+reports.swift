import MailModel
import Reports

extension Chart {
    /// The emails sent on each day.
    ///
    /// - Parameter days: only the last ones; `nil` for all of the report.
    static func sent(_ report: EmailReport, days: Int? = nil) -> Chart {
        let series = report.series.suffix(days ?? report.series.count)
        let total = series.reduce(0) { $0 + $1.counts[.sent] }
        return Chart(
            columns: series.map { point in
                let count = point.counts[.sent]
                return Point(label: point.day, value: Double(count), text: Format.count(count))
            }, title: "Sent each day", summary: "\(Format.count(total)) in \(series.count) days")
    }

    /// A rate of the 30 days that end with each day, by which accounts are judged, with its thresholds.
    ///
    /// - Parameter report: of twice as many days: the first half is what the first points look back on.
    static func rolling(
        _ rate: ReportRate, _ title: String, _ report: EmailReport, thresholds: Reputation.Thresholds
    ) -> Chart {
        let days = Int(Reputation.days)
        let marks = thresholds.marks
        let shown = report.series.suffix(days)
        let rates = shown.indices.map { index in
            rate.of(report.series[...index].suffix(days).reduce(into: ReportCounts()) { $0 += $1.counts })
        }
        return Chart(
            curve: zip(shown, rates).map { Point(label: $0.day, value: $1.percent, text: Format.percent($1, near: marks)) },
            thresholds: [
                Threshold(value: thresholds.warning.value, text: "Warning at \(thresholds.warning) %", tone: .warning),
                Threshold(value: thresholds.block.value, text: "Blocked at \(thresholds.block) %", tone: .bad),
            ], title: title, summary: rates.last.map { "\(Format.percent($0, near: marks)) in the last \(days) days" } ?? "")
    }
}

extension EmailReport.Point {
    /// `Nov 21`.
    fileprivate var day: String { Format.day(at.day) }
}
