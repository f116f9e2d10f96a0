/// A table as comma-separated values (RFC 4180), for people who open it in a spreadsheet.
package struct CSV {
    package private(set) var text = ""

    package init(header: [String]) {
        append(header)
    }

    package mutating func append(_ fields: [String]) {
        text += fields.map(Self.field).joined(separator: ",") + "\r\n"
    }

    /// What was appended since the last time, for tables that are sent in pieces.
    package mutating func take() -> String {
        defer { text = "" }
        return text
    }

    private static func field(_ value: String) -> String {
        let safe = protected(value)
        // Semicolons and tabs too: readers, ours among them, guess from a file by what it is separated.
        guard safe.unicodeScalars.contains(where: { ",;\t\"\r\n".unicodeScalars.contains($0) }) else { return safe }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension CSV {
    /// A field that a spreadsheet takes for text: what begins like a formula gets an apostrophe before it, so that a customer's name runs nothing.
    ///
    /// What begins with apostrophes and then like a formula gets one more, so that ``unprotected(_:)`` gives back every text as it was.
    package static func protected(_ value: String) -> String {
        guard looksLikeFormula(value.unicodeScalars.drop { $0 == "'" }) else { return value }
        let isNumber = Double(value) != nil
        return isNumber ? value : "'" + value
    }

    /// The text of a field that ``protected(_:)`` made safe.
    package static func unprotected(_ field: String) -> String {
        guard field.unicodeScalars.first == "'", looksLikeFormula(field.unicodeScalars.drop { $0 == "'" }) else { return field }
        return String(field.unicodeScalars.dropFirst())
    }

    private static func looksLikeFormula(_ text: Substring.UnicodeScalarView) -> Bool {
        text.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    }
}
