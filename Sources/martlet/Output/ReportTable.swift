import JSON

/// A report as a table that fits on a screen: JSON has all of it.
enum ReportTable {
    private static let columns = [
        "accepted", "sent", "delivered", "opened", "clicked", "softBounced", "hardBounced", "complained", "unsubscribed", "deliveryRate",
        "openRate", "clickRate", "bounceRate", "complaintRate",
    ]

    /// A line for each step, and the total.
    static func rows(_ report: JSONObject) -> [JSONObject] {
        let steps = (report["series"]?.arrayValue ?? []).compactMap(\.objectValue)
        return steps.map { add($0, to: ["at": $0["local"] ?? .null]) } + [add(report["totals"]?.objectValue, to: ["at": .string("total")])]
    }

    static func add(_ counts: JSONObject?, to row: JSONObject) -> JSONObject {
        columns.reduce(into: row) { $0[$1] = counts?[$1] ?? .null }
    }
}
