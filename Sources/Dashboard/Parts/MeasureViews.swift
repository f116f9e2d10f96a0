import MailModel

/// Numbers side by side, `<dl class="figures">{{#figures}}{{>figures}}{{/figures}}</dl>`.
struct Figures: Sendable {
    struct Item: Sendable {
        let title: String
        let value: String
        var note: String?
    }

    let items: [Item]
}

/// The used part of a limit, as a bar and in words, `{{#daily}}{{>quota}}{{/daily}}`.
struct Quota: Sendable {
    /// `Today`; `nil` where the table's heading has it.
    let title: String?
    /// `1,200 of 5,000`, `1,200, no limit`.
    let text: String
    /// The width of the bar, `24%`; `nil` without a limit.
    let width: String?
    /// `24 %`, for the end of the bar.
    let percent: String?
    let tone: String

    /// The share from which on the bar warns, in percent.
    static let warningPercent: Int64 = 80

    /// - Parameter limit: 0 is none.
    init(_ title: String?, _ used: Int64, of limit: Int64) {
        self.title = title
        guard limit > 0 else {
            text = "\(Format.count(used)), no limit"
            (width, percent, tone) = (nil, nil, Tone.neutral.rawValue)
            return
        }
        let share = used >= limit ? 100 : used * 100 / limit
        text = "\(Format.count(used)) of \(Format.count(limit))"
        width = "\(share)%"
        percent = "\(share) %"
        tone = (share >= 100 ? Tone.bad : share >= Self.warningPercent ? .warning : .good).rawValue
    }
}

/// A rate with its thresholds, `{{#bounces}}{{>gauge}}{{/bounces}}`.
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
    /// Explains the marks.
    let legend: String

    /// - Parameters:
    ///   - warning: the rate from which on there is a warning.
    ///   - limit: the rate from which on sending is stopped.
    ///   - legend: explains the marks.
    init(_ title: String, _ rate: Rate, warning: Percent?, limit: Percent, legend: String) {
        self.title = title
        text = Format.share(rate)
        // The limit is at four fifths of the scale, so that rates above it are visible too.
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
