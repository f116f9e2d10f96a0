import MailModel
import Reports

extension Chart {
    /// The emails sent on each day.
    static func sent(_ report: EmailReport) -> Chart {
        let total = report.totals[.sent]
        return Chart(
            columns: report.series.map { point in
                let count = point.counts[.sent]
                return Point(label: point.day, value: Double(count), text: Format.count(count))
            }, title: "Sent each day", summary: "\(Format.count(total)) in \(report.series.count) days")
    }

    /// A rate of each day with its thresholds.
    static func rate(
        _ rate: ReportRate, _ title: String, _ report: EmailReport, thresholds: Reputation.Thresholds
    ) -> Chart {
        Chart(
            curve: report.series.map { point in
                let value = rate.of(point.counts)
                return Point(label: point.day, value: value.percent, text: Format.percent(value))
            },
            thresholds: [
                Threshold(value: thresholds.warning.value, text: "Warning at \(thresholds.warning) %", tone: .warning),
                Threshold(value: thresholds.block.value, text: "Blocked at \(thresholds.block) %", tone: .bad),
            ], title: title, summary: "\(Format.percent(rate.of(report.totals))) in \(report.series.count) days")
    }
}

extension EmailReport.Point {
    /// `Nov 21`.
    fileprivate var day: String { Format.day(at.day) }
}
