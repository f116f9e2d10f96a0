import Hummingbird
import MailModel
import Web

/// The columns of `POST /suppressions/import` and of the export (contract section 9).
///
/// The first line names the columns, in any order; `address` has to be among them. Where the first line has an `@` it is an entry already,
/// and the columns are the documented ones in their order.
struct SuppressionTable {
    static let columns = CSV.suppressionColumns

    /// A line of a file: an entry, or why it is none.
    typealias Line = (number: Int, entry: Result<SuppressionEntry, SuppressionEntry.Invalid>)

    private var parser = CSVParser()
    /// The column that each field belongs to; `nil` before the first line.
    private var header: [String]?

    /// Reads the lines that end in a piece of the file.
    ///
    /// - Throws: ``APIError`` when the first line is none that it could be.
    mutating func lines(in bytes: some Sequence<UInt8>) throws(APIError) -> [Line] {
        try lines(parser.rows(in: bytes))
    }

    /// The last line, where no line end follows it.
    mutating func finish() throws(APIError) -> [Line] {
        try lines(parser.finish())
    }

    private mutating func lines(_ rows: [CSVParser.Row]) throws(APIError) -> [Line] {
        var lines: [Line] = []
        for row in rows {
            if let header {
                lines.append((row.line, Self.entry(row, header)))
            } else if row.fault == nil, row.fields.contains(where: { $0.contains("@") }) {
                header = Self.columns
                lines.append((row.line, Self.entry(row, Self.columns)))
            } else {
                header = try Self.header(row)
            }
        }
        return lines
    }

    private static func header(_ row: CSVParser.Row) throws(APIError) -> [String] {
        if let fault = row.fault { throw APIError(.unprocessableContent, "Line \(row.line): \(fault)") }
        let names = row.fields.map { $0.filter { $0 != " " } }
        for (index, name) in names.enumerated() {
            guard columns.contains(name), !names[..<index].contains(name) else {
                throw APIError(
                    .unprocessableContent,
                    "Line \(row.line): \(Fields.shown(name)) is no column or named twice, expected \(columns.joined(separator: ", "))")
            }
        }
        guard names.contains("address") else {
            throw APIError(.unprocessableContent, "Line \(row.line): the column address is missing")
        }
        return names
    }

    private static func entry(_ row: CSVParser.Row, _ header: [String]) -> Result<SuppressionEntry, SuppressionEntry.Invalid> {
        if let fault = row.fault { return .failure(.init(field: "line", explanation: fault)) }
        guard row.fields.count <= header.count else {
            return .failure(.init(field: "line", explanation: "expected \(header.count) fields, found \(row.fields.count)"))
        }
        func field(_ name: String) -> String? {
            guard let index = header.firstIndex(of: name), index < row.fields.count else { return nil }
            return CSV.unprotected(row.fields[index])
        }
        do {
            return .success(
                try SuppressionEntry(
                    address: field("address") ?? "", scope: field("scope"), sender: field("sender"), reason: field("reason"),
                    note: field("note")))
        } catch {
            return .failure(error)
        }
    }
}
