/// What a server answers to a command (RFC 5321 section 4.2).
struct SMTPReply: Equatable, Sendable {
    /// Three digits: 2xx done, 3xx go on, 4xx not now, 5xx never.
    var code: Int
    /// Without the code.
    var lines: [String]

    /// The whole of it, on one line, for people.
    var description: String {
        "\(code) \(lines.joined(separator: " "))"
    }
}

/// Puts replies together from bytes as they come. Everything has a limit: a server that talks without end is cut off.
struct SMTPReplyParser {
    struct Malformed: Error, Equatable {
        var explanation: String
    }

    /// RFC 5321 section 4.5.3.1.5 has 512 octets; servers with long greetings have more.
    static let longestLine = 2048
    static let mostLines = 128

    private var line: [UInt8] = []
    private var code: Int?
    private var lines: [String] = []

    /// True where nothing has come beyond the last whole reply.
    var isEmpty: Bool { line.isEmpty && lines.isEmpty }

    /// - Returns: the replies that these bytes have completed.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(Malformed) -> [SMTPReply] {
        var replies: [SMTPReply] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                guard line.count <= Self.longestLine else { throw Malformed(explanation: "a line of over \(Self.longestLine) bytes") }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if let reply = try endLine() { replies.append(reply) }
        }
        return replies
    }

    private mutating func endLine() throws(Malformed) -> SMTPReply? {
        defer { line.removeAll(keepingCapacity: true) }
        guard line.count >= 3, let number = Self.number(line[..<3]), line.count == 3 || " -".utf8.contains(line[3]) else {
            throw Malformed(explanation: "a line that does not begin with a code of three digits")
        }
        guard code == nil || code == number else { throw Malformed(explanation: "lines of one reply with different codes") }
        code = number
        lines.append(Self.printable(line.dropFirst(4)))
        guard lines.count <= Self.mostLines else { throw Malformed(explanation: "a reply of over \(Self.mostLines) lines") }
        if line.count > 3, line[3] == UInt8(ascii: "-") { return nil }
        defer { (code, lines) = (nil, []) }
        return SMTPReply(code: number, lines: lines)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var number = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return (200...599).contains(number) ? number : nil
    }

    /// A server's words go into logs and timelines: what is no text in UTF-8 or disturbs a terminal is replaced.
    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }
}
