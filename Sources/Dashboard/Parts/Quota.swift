/// How much of a limit is used, as a bar with words, `{{#daily}}{{>quota}}{{/daily}}`.
struct Quota: Sendable {
    /// `Today`; `nil` where the table's heading says it.
    let title: String?
    /// `1,200 of 5,000`, `1,200, no limit`.
    let text: String
    /// The bar's width, `24%`; `nil` without a limit.
    let width: String?
    /// `24 %` for the ends of bars.
    let percent: String?
    let tone: String

    /// From this share on a bar warns.
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
