extension StringProtocol {
    /// The text without white space at both ends.
    package var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// The text without white space and invisible characters (Unicode category Cf: zero-width spaces, byte order marks, direction marks) at both
    /// ends, as copying from pages and spreadsheets leaves them.
    package var trimmedOfInvisibles: String {
        func isVisible(_ scalar: Unicode.Scalar) -> Bool { !scalar.properties.isWhitespace && scalar.properties.generalCategory != .format }
        let scalars = String(self).unicodeScalars
        guard let first = scalars.firstIndex(where: isVisible), let last = scalars.lastIndex(where: isVisible) else { return "" }
        return String(String.UnicodeScalarView(scalars[first...last]))
    }

    /// The text as error messages show it: in quotes, shortened to 80 characters, control characters as code points.
    var quoted: String {
        let scalars = String(self).unicodeScalars
        let shown = scalars.prefix(80).map { $0.properties.generalCategory == .control ? $0.codePoint : String($0) }
        return "\"" + shown.joined() + (scalars.count > 80 ? "…" : "") + "\""
    }
}

extension Unicode.Scalar {
    /// The notation of a code point: `U+000A`.
    var codePoint: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
