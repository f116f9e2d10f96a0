/// The fields of comma-separated values (RFC 4180), safe to open in a spreadsheet.
package enum CSVCell {
    /// Returns a value as a field: protected, and in quotes where it has to be.
    package static func encode(_ value: String) -> String {
        let safe = protect(value)
        // Semicolons and tabs too: readers, ours among them, guess the separator from the file.
        guard safe.unicodeScalars.contains(where: { ",;\t\"\r\n".unicodeScalars.contains($0) }) else { return safe }
        // By scalars: a quote with a combining mark behind it is another character, but a quote for every reader.
        let parts = safe.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"" + parts.map { String($0) }.joined(separator: "\"\"") + "\""
    }

    /// Returns a value that a spreadsheet reads as text: one that looks like a formula gets an apostrophe before it, so that a customer's
    /// name is not executed.
    ///
    /// So does each part of it behind a separator: a program that expects another separator than ours does not know our quotes, and makes
    /// fields of the parts.
    ///
    /// A part of apostrophes and spaces followed by a formula gets an apostrophe too, so that ``unprotect(_:)`` restores every value. Numbers are no
    /// formulas.
    package static func protect(_ value: String) -> String {
        let formulas = formulas(in: value.unicodeScalars)
        guard !formulas.isEmpty, Double(value) == nil else { return value }
        var scalars = value.unicodeScalars
        // From the last to the first: an insertion makes later indices invalid.
        for index in formulas.reversed() { scalars.insert("'", at: index) }
        return String(scalars)
    }

    /// Returns the value that ``protect(_:)`` was given.
    package static func unprotect(_ field: String) -> String {
        var scalars = field.unicodeScalars
        for index in formulas(in: scalars).reversed() where scalars[index] == "'" { scalars.remove(at: index) }
        return String(scalars)
    }

    /// Where the parts begin that a spreadsheet may take for a formula.
    private static func formulas(in text: String.UnicodeScalarView) -> [String.Index] {
        var found: [String.Index] = []
        // The beginning of the part, while nothing but apostrophes and spaces has followed.
        var start: String.Index? = text.startIndex
        var isFirst = true
        for index in text.indices {
            let scalar = text[index]
            if let beginning = start, scalar != "'", !isSpace(scalar) {
                if beginsFormula(scalar) || (isFirst && isLineOrTab(scalar)) { found.append(beginning) }
                start = nil
            }
            if isSeparator(scalar) { (start, isFirst) = (text.index(after: index), false) }
        }
        return found
    }

    /// The signs that begin a formula, the full-width ones too, which some programs take for them, and the minus sign of mathematics.
    private static func beginsFormula(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "\u{FE62}", "\u{FE63}", "\u{FE66}", "\u{FE6B}", "\u{2212}":
            true
        default: false
        }
    }

    private static func isLineOrTab(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\t" || scalar == "\r" || scalar == "\n"
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "," || scalar == ";" || scalar == "|" || isLineOrTab(scalar)
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\u{A0}" || scalar == "\u{3000}"
    }
}
