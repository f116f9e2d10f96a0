/// A writer of Prometheus's text format (Prometheus, "Exposition formats", version 0.0.4).
struct PrometheusText {
    private(set) var text = ""

    /// Begins a family, whose lines follow.
    mutating func begin(_ family: MetricFamily) {
        text += "# HELP \(family.name) \(Self.escape(family.help, quotes: false))\n# TYPE \(family.name) \(family.kind.word)\n"
    }

    /// Writes a line.
    ///
    /// - Parameter values: the values of the family's labels, in their order.
    mutating func add(_ point: Point, of family: MetricFamily, _ values: [String]) {
        var labels = zip(family.labels, values).map { "\($0)=\"\(Self.escape($1, quotes: true))\"" }
        if let bound = point.bound { labels.append("le=\"\(Self.number(bound))\"") }
        text += family.name + point.suffix
        if !labels.isEmpty { text += "{\(labels.joined(separator: ","))}" }
        text += " \(Self.number(point.value))\n"
    }

    /// Returns a number as Go's `ParseFloat` reads it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\"") }) else {
            return text
        }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
