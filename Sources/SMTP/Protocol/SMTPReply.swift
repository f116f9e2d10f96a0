/// The reply of a server to a command (RFC 5321 section 4.2).
struct SMTPReply: Equatable, Sendable {
    /// 2xx for success, 3xx for an intermediate reply, 4xx for a temporary and 5xx for a permanent failure.
    var code: Int
    /// The lines without the code.
    var lines: [String]

    /// The whole reply in one line.
    var description: String {
        "\(code) \(lines.joined(separator: " "))"
    }
}

/// Parses replies from bytes as they arrive, with limits for the length of lines and of replies.
struct SMTPReplyParser {
    struct Malformed: Error, Equatable {
        var explanation: String
    }

    /// RFC 5321 section 4.5.3.1.5 allows 512 octets; long greetings of some servers have more.
    static let longestLine = 2048
    static let mostLines = 128

    private var line: [UInt8] = []
    private var code: Int?
    private var lines: [String] = []

    /// Whether nothing has arrived after the last complete reply.
    var isEmpty: Bool { line.isEmpty && lines.isEmpty }

    /// - Returns: the replies that these bytes complete.
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

    /// The text for logs and timelines: invalid UTF-8 and control characters are replaced.
    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }
}
