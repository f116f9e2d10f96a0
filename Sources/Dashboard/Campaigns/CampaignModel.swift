import MailModel
import Reports

/// One campaign: its funnel, figures and series.
struct CampaignModel: Sendable {
    /// A step of the funnel.
    struct Stage: Sendable {
        let name: String
        let count: String
        /// The share of the accepted emails.
        let share: String
        let width: String
    }

    struct Figure: Sendable {
        let name: String
        let count: String
        let rate: String?
        let tone: String
    }

    let back: String
    let name: String
    let since: TimestampView
    let emails: String
    let stages: [Stage]
    let figures: [Figure]
    let series: SeriesModel

    init(_ campaign: Campaign, _ report: EmailReport, _ request: DashboardRequest) {
        let totals = campaign.totals
        back = request.link("/dashboard/campaigns")
        name = campaign.externalID
        since = TimestampView(campaign.createdAt)
        emails = request.link("/dashboard/emails", ["externalId": campaign.externalID])
        stages = Self.stages.map { name, measure in Stage(name, totals[measure], of: totals[.accepted]) }
        figures = Self.figures.map { name, measure, rate in Figure(name, totals[measure], rate?.of(totals)) }
        series = SeriesModel(report)
    }

    private static let stages: [(String, ReportMeasure)] = [
        ("Accepted", .accepted), ("Sent", .sent), ("Delivered", .delivered), ("Opened", .opened), ("Clicked", .clicked),
    ]

    private static let figures: [(String, ReportMeasure, ReportRate?)] = [
        ("Hard bounces", .hardBounced, .bounceRate), ("Soft bounces", .softBounced, .softBounceRate),
        ("Complaints", .complained, .complaintRate), ("Unsubscribed", .unsubscribed, .unsubscribeRate),
        ("Suppressed", .blacklisted, nil), ("Not sent", .rejected, nil), ("Blocked", .blocked, nil),
    ]
}

extension CampaignModel.Stage {
    fileprivate init(_ name: String, _ count: Int64, of total: Int64) {
        self.name = name
        self.count = Format.count(count)
        share = Format.percent(Rate(count, of: total))
        width = "\(total > 0 ? min(100, count * 100 / total) : 0)%"
    }
}

extension CampaignModel.Figure {
    fileprivate init(_ name: String, _ count: Int64, _ rate: Rate?) {
        self.name = name
        self.count = Format.count(count)
        self.rate = rate.map(Format.percent)
        tone = count > 0 ? Tone.warning.rawValue : Tone.neutral.rawValue
    }
}

/// The series of a campaign: bars, and a table.
struct SeriesModel: Sendable {
    struct Bar: Sendable {
        let x: String
        let width: String
        let y: String
        let height: String
        let kind: String
    }

    struct Row: Sendable {
        let at: String
        let sent: String
        let delivered: String
        let opened: String
        let clicked: String
    }

    let bars: [Bar]
    let rows: [Row]
    let first: String
    let last: String
    let most: String
    let isEmpty: Bool

    /// The width of the drawing, which is 100 high and is stretched to the page.
    private static let width = 1000.0

    init(_ report: EmailReport) {
        let points = report.series
        let most = max(1, points.map { $0.counts[.sent] }.max() ?? 0)
        isEmpty = report.totals[.sent] == 0
        let step = Self.width / Double(max(1, points.count))
        bars = points.enumerated().flatMap { index, point in
            [("sent", ReportMeasure.sent), ("delivered", .delivered), ("opened", .opened)].compactMap { kind, measure in
                Bar(kind, point.counts[measure], of: most, at: Double(index) * step, step)
            }
        }
        rows = points.filter { !$0.counts.isEmpty }.map(Row.init)
        (first, last) = (points.first?.name ?? "", points.last?.name ?? "")
        self.most = Format.count(most)
    }

    fileprivate static func number(_ value: Double) -> String {
        "\((value * 10).rounded() / 10)"
    }
}

extension SeriesModel.Bar {
    /// - Returns: `nil` where the count is 0.
    fileprivate init?(_ kind: String, _ count: Int64, of most: Int64, at x: Double, _ step: Double) {
        guard count > 0 else { return nil }
        let height = max(1, Double(count) / Double(most) * 100)
        self.kind = kind
        self.x = SeriesModel.number(x + step * 0.1)
        width = SeriesModel.number(step * 0.8)
        y = SeriesModel.number(100 - height)
        self.height = SeriesModel.number(height)
    }
}

extension EmailReport.Point {
    /// `2026-03-29`, `2026-03-29 01:00`.
    fileprivate var name: String {
        local.prefix(16).split(separator: "T").joined(separator: " ")
    }
}

extension SeriesModel.Row {
    fileprivate init(_ point: EmailReport.Point) {
        at = point.name
        sent = Format.count(point.counts[.sent])
        delivered = Format.count(point.counts[.delivered])
        opened = Format.count(point.counts[.opened])
        clicked = Format.count(point.counts[.clicked])
    }
}
