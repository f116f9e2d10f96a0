/// A message as a mail program made it (RFC 5322): its bytes, and where the fields of its header and its body stand in them.
///
/// Its lines and its header are legal; what its body says is not looked at.
package struct RawMessage: Sendable {
    /// A field of the header.
    package struct Field: Sendable, Equatable {
        /// The name in lower case.
        package var name: String
        /// Its lines, with their ends.
        package var lines: Range<Int>
        /// Its value, folded as it came.
        package var value: Range<Int>
    }

    /// The bounds of a message.
    package enum Limits {
        /// The longest line, in octets without its end (RFC 5322 section 2.1.1).
        package static let lineLength = 998
        /// The largest header, in bytes.
        package static let headerBytes = 256 << 10
        /// The most fields of a header.
        package static let fields = 1_000
    }

    /// Why bytes are no message.
    package struct Fault: Error, Equatable, CustomStringConvertible {
        /// A sentence that names the line.
        package let description: String

        init(line: Int, _ explanation: String) {
            description = "line \(line): \(explanation)"
        }
    }

    /// The message.
    package let bytes: [UInt8]
    /// The fields of the header, in their order.
    package private(set) var fields: [Field] = []
    /// Where the body begins, behind the empty line.
    package private(set) var bodyStart = 0

    /// Reads the header of a message.
    ///
    /// - Throws: ``Fault`` for lines that RFC 5322 does not allow (a CR or LF alone, NUL, more than 998 octets), and for a header that is too large
    ///   or has a line that belongs to no field: programs do not agree on where such a header ends.
    package init(_ bytes: [UInt8]) throws(Fault) {
        self.bytes = bytes
        if let fault = bytes.withUnsafeBufferPointer(Self.lineFault) { throw fault }
        try readHeader()
    }

    /// The first line that is not legal.
    private static func lineFault(_ bytes: UnsafeBufferPointer<UInt8>) -> Fault? {
        var (line, start, index) = (1, 0, 0)
        while index < bytes.count {
            let byte = bytes[index]
            guard byte <= 0x0D, byte == 0x0D || byte == 0x0A || byte == 0 else {
                index += 1
                continue
            }
            guard byte != 0 else { return Fault(line: line, "the character NUL is not allowed") }
            guard byte == 0x0D else { return Fault(line: line, "a line feed (LF) without a carriage return (CR) before it") }
            guard index + 1 < bytes.count, bytes[index + 1] == 0x0A else {
                return Fault(line: line, "a carriage return (CR) without a line feed (LF) behind it")
            }
            guard index - start <= Limits.lineLength else { return tooLong(line, index - start) }
            line += 1
            index += 2
            start = index
        }
        return bytes.count - start > Limits.lineLength ? tooLong(line, bytes.count - start) : nil
    }

    private static func tooLong(_ line: Int, _ length: Int) -> Fault {
        Fault(line: line, "expected at most \(Limits.lineLength) octets, found \(length)")
    }

    private mutating func readHeader() throws(Fault) {
        var (line, start) = (0, 0)
        while start < bytes.count {
            line += 1
            let end = Self.lineEnd(in: bytes, from: start)
            if bytes[start] == 0x0D {
                bodyStart = end
                return
            }
            guard end <= Limits.headerBytes else {
                throw Fault(line: line, "expected a header of at most \(Limits.headerBytes) bytes")
            }
            try addLine(start..<end, line)
            start = end
        }
        bodyStart = bytes.count
    }

    private mutating func addLine(_ range: Range<Int>, _ line: Int) throws(Fault) {
        if Self.isBlank(bytes[range.lowerBound]), let last = fields.indices.last {
            let value = fields[last].value.lowerBound
            fields[last].lines = fields[last].lines.lowerBound..<range.upperBound
            return fields[last].value = value..<range.upperBound
        }
        guard fields.count < Limits.fields else { throw Fault(line: line, "expected at most \(Limits.fields) fields in the header") }
        guard let field = Self.field(range, in: bytes) else {
            throw Fault(line: line, "expected a field of the header, such as Subject: Hello, or an empty line before the text")
        }
        fields.append(field)
    }

    /// The field that a line begins; `nil` where it begins none.
    ///
    /// Blanks before the colon are obsolete, and read (RFC 5322 section 4.5).
    static func field(_ range: Range<Int>, in bytes: [UInt8]) -> Field? {
        guard let colon = bytes[range].firstIndex(of: UInt8(ascii: ":")) else { return nil }
        var end = colon
        while end > range.lowerBound, isBlank(bytes[end - 1]) { end -= 1 }
        let name = bytes[range.lowerBound..<end]
        guard !name.isEmpty, name.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return Field(name: String(decoding: name, as: UTF8.self).lowercased(), lines: range, value: (colon + 1)..<range.upperBound)
    }

    /// Behind the line that begins at a position, with its end.
    static func lineEnd(in bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }
}

extension RawMessage {
    /// Returns the values of all fields of a name, unfolded, without blanks around them; what is no UTF-8 is replaced.
    ///
    /// - Parameter name: in lower case.
    package func values(of name: String) -> [String] {
        fields.filter { $0.name == name }.map { Self.unfolded(bytes[$0.value]) }
    }

    /// Whether the header has a field.
    ///
    /// - Parameter name: in lower case.
    package func has(_ name: String) -> Bool {
        fields.contains { $0.name == name }
    }

    static func unfolded(_ bytes: ArraySlice<UInt8>) -> String {
        let value = bytes.filter { $0 != 0x0D && $0 != 0x0A }
        let start = value.firstIndex { !isBlank($0) } ?? value.endIndex
        let end = value.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return String(decoding: value[start..<end], as: UTF8.self)
    }
}
