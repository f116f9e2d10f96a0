/// A table as comma-separated values (RFC 4180), for people who open it in a spreadsheet.
struct CSV {
    private(set) var text = ""

    init(header: [String]) {
        append(header)
    }

    mutating func append(_ fields: [String]) {
        text += fields.map(Self.field).joined(separator: ",") + "\r\n"
    }

    /// A field that a spreadsheet takes for text: what begins like a formula gets an apostrophe before it, so that a customer's name runs nothing.
    private static func field(_ value: String) -> String {
        let isNumber = Double(value) != nil
        let looksLikeFormula = value.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let safe = looksLikeFormula && !isNumber ? "'" + value : value
        guard safe.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return safe }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
