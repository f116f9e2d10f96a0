/// A rate, stored as its two counts: shown in percent with two decimals, compared exactly.
package struct Rate: Sendable, Equatable {
    /// The part.
    package var count: Int64
    /// The whole; 0 for a rate of nothing.
    package var total: Int64

    /// The rate of a part to the whole.
    package init(_ count: Int64, of total: Int64) {
        self.count = count
        self.total = total
    }

    /// Percent rounded half up to two decimals; 0 when the total is 0.
    package var percent: Double {
        guard total > 0 else { return 0 }
        let hundredths = (count * 20_000 + total) / (2 * total)
        return Double(hundredths) / 100
    }

    /// Whether a rate is above a threshold; a rate of nothing never is.
    package static func > (rate: Rate, threshold: Percent) -> Bool {
        rate.total > 0 && rate.scaledCount > threshold.millionths * rate.total
    }

    /// Whether a rate has reached a threshold; a rate of nothing never has.
    package static func >= (rate: Rate, threshold: Percent) -> Bool {
        rate.total > 0 && rate.scaledCount >= threshold.millionths * rate.total
    }

    private var scaledCount: Int64 { count * 100 * Percent.scale }
}

/// A percentage as the configuration gives it, exact to six decimals: `0.05` is 50,000 millionths.
package struct Percent: Sendable, Equatable, CustomStringConvertible {
    static let scale: Int64 = 1_000_000
    /// Millionths of a percent.
    package var millionths: Int64

    /// A percentage of so many millionths of a percent.
    package init(millionths: Int64) {
        self.millionths = millionths
    }

    /// A percentage of whole percents.
    package init(_ whole: Int64) {
        millionths = whole * Self.scale
    }

    /// As a number, for display.
    package var value: Double { Double(millionths) / Double(Self.scale) }

    /// Reads a decimal number from 0 to 100 with at most six decimals, such as `2.5`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int64(decimal: parts[0].utf8), whole <= 100 else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            guard parts[1].utf8.count <= 6, let digits = Int64(decimal: parts[1].utf8) else { return nil }
            fraction = (parts[1].utf8.count..<6).reduce(digits) { value, _ in value * 10 }
        }
        millionths = whole * Self.scale + fraction
        guard millionths <= 100 * Self.scale else { return nil }
    }

    /// The decimal number without trailing zeros: `2.5`.
    package var description: String {
        var text = String(millionths / Self.scale) + "." + (millionths % Self.scale).padded(to: 6)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
