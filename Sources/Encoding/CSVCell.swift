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
    /// A value of apostrophes followed by a formula gets one more, so that ``unprotect(_:)`` restores every value. Numbers are no formulas.
    package static func protect(_ value: String) -> String {
        guard looksLikeFormula(value.unicodeScalars.drop { $0 == "'" }) else { return value }
        let isNumber = Double(value) != nil
        return isNumber ? value : "'" + value
    }

    /// Returns the value that ``protect(_:)`` was given.
    package static func unprotect(_ field: String) -> String {
        guard field.unicodeScalars.first == "'", looksLikeFormula(field.unicodeScalars.drop { $0 == "'" }) else { return field }
        return String(field.unicodeScalars.dropFirst())
    }

    private static func looksLikeFormula(_ text: Substring.UnicodeScalarView) -> Bool {
        text.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    }
}
