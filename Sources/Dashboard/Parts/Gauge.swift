import MailModel

/// A rate against its thresholds, `{{#bounces}}{{>gauge}}{{/bounces}}`.
struct Gauge: Sendable {
    struct Mark: Sendable {
        /// `62.5%`.
        let x: String
        let tone: String
    }

    let title: String
    /// `1.20 %, 12 of 1,000`.
    let text: String
    let width: String
    let marks: [Mark]
    let tone: String
    /// What the marks mean.
    let legend: String

    /// - Parameters:
    ///   - warning: from here on it is looked at.
    ///   - limit: from here on it is stopped.
    ///   - legend: what happens there.
    init(_ title: String, _ rate: Rate, warning: Percent?, limit: Percent, legend: String) {
        self.title = title
        text = Format.share(rate)
        // The limit stands at four fifths: what is beyond it is to be seen as well.
        let scale = limit.value * 1.25
        width = Self.share(rate.percent, of: scale)
        marks =
            (warning.map { [Mark(x: Self.share($0.value, of: scale), tone: Tone.warning.rawValue)] } ?? [])
            + [Mark(x: Self.share(limit.value, of: scale), tone: Tone.bad.rawValue)]
        let isBad = rate >= limit
        let isWarning = warning.map { rate >= $0 } ?? false
        tone = (isBad ? Tone.bad : isWarning ? .warning : .good).rawValue
        self.legend = legend
    }

    private static func share(_ value: Double, of scale: Double) -> String {
        guard scale > 0 else { return "0%" }
        return "\(Double(Int64(min(value / scale, 1) * 1000)) / 10)%"
    }
}
