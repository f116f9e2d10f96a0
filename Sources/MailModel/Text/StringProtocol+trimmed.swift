extension StringProtocol {
    /// Without the white space at both ends, which people and editors leave there.
    package var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// Without white space and invisible characters (Unicode category Cf: zero-width spaces, byte order marks, direction marks) at both
    /// ends, as copying from pages and spreadsheets leaves them.
    package var trimmedOfInvisibles: String {
        func isVisible(_ scalar: Unicode.Scalar) -> Bool { !scalar.properties.isWhitespace && scalar.properties.generalCategory != .format }
        let scalars = String(self).unicodeScalars
        guard let first = scalars.firstIndex(where: isVisible), let last = scalars.lastIndex(where: isVisible) else { return "" }
        return String(String.UnicodeScalarView(scalars[first...last]))
    }
}
