/// A file of `NAME=value` lines, parsed as systemd's `EnvironmentFile=` does (systemd.exec(5)).
///
/// What systemd would ignore (`export NAME=value`), and what shells, systemd and Docker read as different values (a comment behind a
/// value), is refused with its line: a setting that has no effect must not look as if it had.
///
/// - Lines end in LF, CR LF or CR. Empty lines and lines that begin with `#` or `;` are comments.
/// - Blanks around the name, around `=` and at the end of a value without quotes are removed.
/// - Without quotes a backslash escapes the next character. In `"…"` it does so before `"`, `\`, `` ` `` and `$`, in `'…'` never.
/// - A backslash at the end of a line, outside of `'…'`, continues the value on the next line.
/// - Nothing is expanded: `$HOME` is five characters.
struct EnvironmentFile {
    /// A line `NAME=value`.
    struct Assignment: Equatable {
        var name: String
        var value: String
        /// The number of its first line, from 1.
        var line: Int
    }

    private(set) var assignments: [Assignment] = []
    /// The lines that cannot be read, a sentence each.
    private(set) var problems: [String] = []
    private let fileName: String
    private let lines: [ArraySlice<UInt8>]
    /// The number of lines read so far, which is the number of the last one.
    private var lineNumber = 0

    /// Parses a file.
    ///
    /// - Parameters:
    ///   - bytes: the content, in UTF-8.
    ///   - name: the path, for messages.
    init(_ bytes: [UInt8], name: String) {
        fileName = name
        lines = Self.lines(of: bytes)
        while let line = nextLine() { read(line) }
    }

    /// Returns the place of an assignment, for messages.
    func place(of assignment: Assignment) -> String {
        "\(fileName), line \(assignment.line)"
    }

    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == .lineFeed || byte == .carriageReturn {
            // CR LF ends one line.
            if byte == .lineFeed, index > 0, bytes[index - 1] == .carriageReturn {
                start = index + 1
                continue
            }
            lines.append(bytes[start..<index])
            start = index + 1
        }
        return lines + [bytes[start...]]
    }

    private mutating func nextLine() -> ArraySlice<UInt8>? {
        guard lineNumber < lines.count else { return nil }
        lineNumber += 1
        return lines[lineNumber - 1]
    }

    private mutating func read(_ line: ArraySlice<UInt8>) {
        let line = line.drop { $0.isBlank }
        guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { return }
        let number = lineNumber
        do throws(Problem) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")), equals != line.startIndex else {
                throw Problem("expected NAME=value")
            }
            let name = try Self.name(line[..<equals])
            let value = try value(line[line.index(after: equals)...])
            if let earlier = assignments.first(where: { $0.name == name }) {
                throw Problem("\(name) is given twice, first in line \(earlier.line)")
            }
            assignments.append(Assignment(name: name, value: String(decoding: value, as: UTF8.self), line: number))
        } catch {
            problems.append("\(fileName), line \(number): \(error.explanation)")
        }
    }

    /// The reason why a line cannot be read.
    private struct Problem: Error {
        var explanation: String

        init(_ explanation: String) {
            self.explanation = explanation
        }
    }

    private static func name(_ bytes: ArraySlice<UInt8>) throws(Problem) -> String {
        let words = bytes.split(whereSeparator: \.isBlank).map { String(decoding: $0, as: UTF8.self) }
        guard words.count < 2 else {
            let isExport = words.count == 2 && words[0] == "export"
            throw Problem(
                isExport
                    ? "`export` is for shells, systemd and Docker would ignore the line: expected \(words[1])=value"
                    : "\(words.joined(separator: " ").debugDescription) is not a name: expected NAME=value")
        }
        return words[0]
    }

    // MARK: - Values

    private mutating func value(_ text: ArraySlice<UInt8>) throws(Problem) -> [UInt8] {
        var rest = text.drop { $0.isBlank }
        guard rest.first?.isQuote == true else { return try plain(rest) }
        var value: [UInt8] = []
        while let quote = rest.first, quote.isQuote {
            rest.removeFirst()
            value += try quoted(by: quote, &rest)
        }
        guard let next = rest.first(where: { !$0.isBlank }) else { return value }
        throw Problem(next == UInt8(ascii: "#") ? Self.commentBehindValue : "there is something behind the closing quote")
    }

    private static let commentBehindValue =
        "a comment needs a line of its own, systemd and Docker would make it part of the value; quote a value that has \" #\" in it"

    /// Parses a value without quotes, up to the end of the line without the blanks there.
    private mutating func plain(_ text: ArraySlice<UInt8>) throws(Problem) -> [UInt8] {
        var rest = text
        var value: [UInt8] = []
        var length = 0
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\") {
                if let escaped = rest.popFirst() { value.append(escaped) } else { rest = try continuation() }
                length = value.count
                continue
            }
            if byte == UInt8(ascii: "#"), value.last?.isBlank ?? true { throw Problem(Self.commentBehindValue) }
            value.append(byte)
            if !byte.isBlank { length = value.count }
        }
        return Array(value.prefix(length))
    }

    /// Parses a quoted part of a value.
    ///
    /// - Parameter rest: starts behind the opening quote, and afterwards behind the closing one.
    private mutating func quoted(by quote: UInt8, _ rest: inout ArraySlice<UInt8>) throws(Problem) -> [UInt8] {
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == quote { return value }
            guard byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") else {
                value.append(byte)
                continue
            }
            guard let escaped = rest.popFirst() else {
                rest = try continuation()
                continue
            }
            if !"\"\\`$".utf8.contains(escaped) { value.append(byte) }
            value.append(escaped)
        }
        throw Problem("the quote \(Character(Unicode.Scalar(quote))) is not closed on its line")
    }

    private mutating func continuation() throws(Problem) -> ArraySlice<UInt8> {
        guard let line = nextLine() else { throw Problem("ends in a backslash, and no line follows") }
        return line
    }
}

extension UInt8 {
    fileprivate static let lineFeed = UInt8(ascii: "\n")
    fileprivate static let carriageReturn = UInt8(ascii: "\r")

    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
    fileprivate var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
}
