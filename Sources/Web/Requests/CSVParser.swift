/// Reads comma-separated values (RFC 4180) as they arrive, in pieces of any size.
///
/// Lines end with CR LF, LF or CR. Fields may be quoted; a quote within is doubled, blanks outside the quotes are ignored. Empty lines and
/// a byte order mark are ignored too. Fields are separated by commas, semicolons or tabs: by the one that occurs first in the first line
/// outside quotes, or that it names as `sep=;`, which spreadsheets write.
package struct CSVParser {
    /// A line, or several where a quoted field has line ends.
    package struct Row: Equatable {
        /// The number of its first line in the file, from 1.
        package var line: Int
        /// The values of its fields.
        package var fields: [String] = []
        /// What is malformed, in a sentence; the fields are not valid then.
        package var fault: String?
    }

    /// The maximum length of a row in bytes, so that a quote that is not closed does not read the rest of the file into memory.
    package static let longestRow = 16 * 1024

    private enum State { case fieldStart, plain, quoted, quoteInQuoted, afterQuoted, faulty }

    private var state = State.fieldStart
    private var row = Row(line: 1)
    private var field: [UInt8] = []
    private var length = 0
    private var line = 1
    private var lastWasCR = false
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// The number of bytes of the byte order mark that were read; `nil` after any other byte.
    private var marked: Int? = 0

    private static let comma = UInt8(ascii: ",")
    private static let delimiters = [comma, UInt8(ascii: ";"), UInt8(ascii: "\t")]
    /// The separator of fields; `nil` until the first line has shown it.
    private var delimiter: UInt8?
    /// Whether the parser is within quotes, while the delimiter is not known.
    private var isQuoted = false

    /// A parser at the beginning of a file.
    package init() {}

    /// Parses a piece of the file.
    ///
    /// - Returns: the rows that end in it.
    package mutating func rows(in bytes: some Sequence<UInt8>) -> [Row] {
        var rows: [Row] = []
        for byte in bytes {
            if !isOfMark(byte, &rows) { parse(byte, &rows) }
        }
        return rows
    }

    /// Whether the byte belongs to a byte order mark at the beginning of the file.
    ///
    /// The bytes of an incomplete mark are parsed.
    private mutating func isOfMark(_ byte: UInt8, _ rows: inout [Row]) -> Bool {
        guard let count = marked else { return false }
        marked = nil
        if count == Self.mark.count { return false }
        if byte == Self.mark[count] {
            marked = count + 1
            return true
        }
        for byte in Self.mark.prefix(count) { parse(byte, &rows) }
        return false
    }

    /// Returns the last row, where no line end follows it.
    package mutating func finish() -> [Row] {
        var rows: [Row] = []
        if let count = marked, count < Self.mark.count {
            for byte in Self.mark.prefix(count) { parse(byte, &rows) }
        }
        if state == .quoted { fail("a quoted field has no end") }
        endRow(&rows)
        return rows
    }

    /// Uses the first delimiter outside quotes for the whole file; a line without any has one field.
    private mutating func chooseDelimiter(_ byte: UInt8) {
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        if !isQuoted, Self.delimiters.contains(byte), !field.elementsEqual("sep=".utf8) { delimiter = byte }
    }

    private mutating func parse(_ byte: UInt8, _ rows: inout [Row]) {
        if delimiter == nil { chooseDelimiter(byte) }
        let isSecondOfCRLF = lastWasCR && byte == UInt8(ascii: "\n")
        lastWasCR = byte == UInt8(ascii: "\r")
        let endsLine = lastWasCR || byte == UInt8(ascii: "\n")
        if endsLine, !isSecondOfCRLF { line += 1 }
        if state == .quoted { return parseQuoted(byte, &rows) }
        if isSecondOfCRLF {
            row.line = line
        } else if endsLine {
            endRow(&rows)
        } else {
            parsePlain(byte)
        }
    }

    private mutating func parseQuoted(_ byte: UInt8, _ rows: inout [Row]) {
        if byte == UInt8(ascii: "\"") {
            state = .quoteInQuoted
        } else if length < Self.longestRow {
            append(byte)
        } else {
            fail("a quoted field has no end within \(Self.longestRow) bytes; all up to line \(line) was passed over")
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { endRow(&rows) }
        }
    }

    private mutating func parsePlain(_ byte: UInt8) {
        switch (state, byte) {
        case (.faulty, _): break
        case (_, _) where byte == delimiter: endField()
        case (.fieldStart, UInt8(ascii: "\"")): state = .quoted
        case (.plain, UInt8(ascii: "\"")) where field.allSatisfy({ $0 == 0x20 }):
            field.removeAll(keepingCapacity: true)
            state = .quoted
        case (.quoteInQuoted, UInt8(ascii: "\"")):
            append(byte)
            state = .quoted
        case (.quoteInQuoted, 0x20), (.afterQuoted, 0x20): state = .afterQuoted
        case (.quoteInQuoted, _), (.afterQuoted, _): fail("something stands behind the closing quote of a field")
        case (_, UInt8(ascii: "\"")): fail("a quote stands within a field that is not quoted")
        case (_, _) where length >= Self.longestRow: fail("the line is longer than \(Self.longestRow) bytes")
        default:
            append(byte)
            state = .plain
        }
    }

    private mutating func append(_ byte: UInt8) {
        field.append(byte)
        length += 1
    }

    private mutating func endField() {
        // The separator counts too, so that a row of separators only is bounded.
        length += 1
        state = .fieldStart
        guard length <= Self.longestRow else { return fail("the line is longer than \(Self.longestRow) bytes") }
        if let text = String(validating: field, as: UTF8.self) {
            row.fields.append(text)
        } else {
            fail("the line is not UTF-8")
        }
        field.removeAll(keepingCapacity: true)
    }

    private mutating func fail(_ explanation: String) {
        row.fault = explanation
        state = .faulty
    }

    /// Whether the row is `sep=` and a delimiter, at the beginning of the file.
    private mutating func namesDelimiter() -> Bool {
        guard delimiter == nil, row.line == 1, row.fields.count == 1, let text = row.fields.first?.utf8, text.count == 5,
            text.starts(with: "sep=".utf8), let last = text.last, Self.delimiters.contains(last)
        else { return false }
        delimiter = last
        return true
    }

    private mutating func endRow(_ rows: inout [Row]) {
        let isEmpty = state == .fieldStart && row.fields.isEmpty
        if !isEmpty {
            if state != .faulty { endField() }
            if !namesDelimiter() { rows.append(row) }
        }
        row = Row(line: line)
        field.removeAll(keepingCapacity: true)
        length = 0
        state = .fieldStart
        isQuoted = false
    }
}
