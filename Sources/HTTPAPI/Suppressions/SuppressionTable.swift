import Encoding
import Hummingbird
import MailModel
import Web

/// The parser of `POST /suppressions/import`.
///
/// The first line names the columns, in any order (``SuppressionColumns``). A first line with an `@` is an entry already.
struct SuppressionTable {
    /// A line of a file: an entry, or why it is not valid.
    typealias Line = (number: Int, entry: Result<SuppressionEntry, SuppressionEntry.Invalid>)

    private var parser = CSVParser()
    /// `nil` before the first line.
    private var columns: SuppressionColumns?

    /// The names of the columns that are ignored.
    var ignoredColumns: [String] { columns?.ignored ?? [] }

    /// Returns the lines that end in a piece of the file.
    ///
    /// - Throws: ``APIError`` where the first line is neither a header nor an entry.
    mutating func lines(in bytes: some Sequence<UInt8>) throws(APIError) -> [Line] {
        try lines(parser.rows(in: bytes))
    }

    /// Returns the last line, where no line end follows it.
    mutating func finish() throws(APIError) -> [Line] {
        try lines(parser.finish())
    }

    private mutating func lines(_ rows: [CSVParser.Row]) throws(APIError) -> [Line] {
        var lines: [Line] = []
        for row in rows {
            if let columns {
                lines.append((row.line, Self.entry(row, columns)))
            } else if row.fault == nil, row.fields.contains(where: { $0.contains("@") }) {
                let columns = SuppressionColumns(firstLine: row.fields)
                self.columns = columns
                lines.append((row.line, Self.entry(row, columns)))
            } else {
                columns = try Self.columns(row)
            }
        }
        return lines
    }

    private static func columns(_ row: CSVParser.Row) throws(APIError) -> SuppressionColumns {
        if let fault = row.fault { throw APIError(.unprocessableContent, "Line \(row.line): \(fault)") }
        do throws(SuppressionColumns.Invalid) {
            return try SuppressionColumns(names: row.fields)
        } catch {
            throw APIError(.unprocessableContent, "Line \(row.line): \(error)")
        }
    }

    private static func entry(_ row: CSVParser.Row, _ columns: SuppressionColumns) -> Result<SuppressionEntry, SuppressionEntry.Invalid> {
        if let fault = row.fault { return .failure(.init(field: "line", explanation: fault)) }
        do throws(SuppressionEntry.Invalid) {
            return .success(try columns.entry(row.fields.map { CSVCell.unprotect($0) }))
        } catch {
            return .failure(error)
        }
    }
}
