import MailModel

/// Numbers over time, as a drawing and as a table, `{{#chart}}{{>chart}}{{/chart}}`.
///
/// Horizontal positions are in percent, so that the drawing fits every width; vertical ones are in pixels, so that its text keeps its size.
struct Chart: Sendable {
    /// One step of time.
    struct Point: Sendable {
        /// `Nov 21`.
        let label: String
        let value: Double
        /// The value in words.
        let text: String
    }

    /// A level with a meaning.
    struct Threshold: Sendable {
        let value: Double
        let text: String
        let tone: Tone
    }

    struct Column: Sendable { let x, y, width, height, text: String }
    struct Segment: Sendable { let x1, y1, x2, y2: String }
    struct Mark: Sendable { let y, textY, text, tone: String }
    struct Row: Sendable { let label, value: String }

    let title: String
    let summary: String
    private(set) var columns: [Column] = []
    private(set) var segments: [Segment] = []
    let marks: [Mark]
    let first: String
    let last: String
    /// Of the table's first column.
    let heading: String
    let rows: [Row]

    private static let top = 18.0
    private static let bottom = 150.0

    /// Columns for counts.
    init(columns points: [Point], title: String, summary: String, heading: String = "Day") {
        let scale = Self.scale(over: points.map(\.value).max() ?? 0)
        self.init(points, title, summary, heading, marks: [Self.mark(scale, Format.count(Int64(scale)), .neutral, scale)])
        let width = 100 / Double(max(1, points.count))
        columns = points.enumerated().map { index, point in
            let height = point.value > 0 ? max(2, point.value / scale * (Self.bottom - Self.top)) : 0
            return Column(
                x: Self.percent((Double(index) + 0.12) * width), y: Self.number(Self.bottom - height), width: Self.percent(width * 0.76),
                height: Self.number(height), text: "\(point.label): \(point.text)")
        }
    }

    /// A curve for rates, below or above their thresholds.
    init(curve points: [Point], thresholds: [Threshold], title: String, summary: String, heading: String = "Day") {
        let highest = max(points.map(\.value).max() ?? 0, (thresholds.map(\.value).max() ?? 0) * 1.1)
        let scale = highest > 0 ? highest : 1
        self.init(points, title, summary, heading, marks: Self.marks(thresholds, scale))
        let step = 100 / Double(max(1, points.count - 1))
        segments = zip(points, points.dropFirst()).enumerated().map { index, pair in
            Segment(
                x1: Self.percent(Double(index) * step), y1: Self.level(pair.0.value, scale),
                x2: Self.percent(Double(index + 1) * step), y2: Self.level(pair.1.value, scale))
        }
    }

    private init(_ points: [Point], _ title: String, _ summary: String, _ heading: String, marks: [Mark]) {
        self.title = title
        self.summary = summary
        self.heading = heading
        self.marks = marks
        first = points.first?.label ?? ""
        last = points.last?.label ?? ""
        rows = points.reversed().map { Row(label: $0.label, value: $0.text) }
    }

    /// The axis, and the thresholds: the name of one that lies close above another stands above its line, that of the lower one below.
    private static func marks(_ thresholds: [Threshold], _ scale: Double) -> [Mark] {
        var marks = [mark(0, "0 %", .neutral, scale)]
        for threshold in thresholds.sorted(by: { $0.value < $1.value }) {
            let next = mark(threshold.value, threshold.text, threshold.tone, scale)
            if marks.count > 1, let last = marks.last, let below = Double(last.y), let above = Double(next.y), below - above < lineHeight {
                marks[marks.count - 1] = Mark(y: last.y, textY: number(below + lineHeight - 2), text: last.text, tone: last.tone)
            }
            marks.append(next)
        }
        return marks
    }

    private static let lineHeight = 16.0

    private static func mark(_ value: Double, _ text: String, _ tone: Tone, _ scale: Double) -> Mark {
        let y = bottom - value / scale * (bottom - top)
        return Mark(y: number(y), textY: number(y - 4), text: text, tone: tone.rawValue)
    }

    private static func level(_ value: Double, _ scale: Double) -> String {
        number(bottom - min(value / scale, 1) * (bottom - top))
    }

    /// Returns the next round number: 1, 2 or 5 times a power of ten.
    private static func scale(over highest: Double) -> Double {
        var power = 1.0
        while power * 10 < highest { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= highest } ?? max(1, highest)
    }

    private static func percent(_ value: Double) -> String { number(value) + "%" }

    private static func number(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
