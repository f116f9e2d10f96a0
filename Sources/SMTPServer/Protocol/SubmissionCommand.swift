/// A command of a client (RFC 5321 section 4.1.1), parsed.
enum SubmissionCommand: Equatable {
    case hello(name: String, isExtended: Bool)
    case mail(Path)
    case recipient(Path)
    case data
    case reset
    case noop
    case quit
    case verify
    case help
    case startTLS
    /// `initial` is the initial response, still in base64.
    case authenticate(mechanism: String, initial: String?)
    /// Known, and not taken here.
    case notImplemented
    case unknown
    /// Known, with arguments that cannot be read: what was expected.
    case malformed(String)

    /// What stands behind `FROM:` or `TO:`.
    struct Path: Equatable {
        /// What stands between the angle brackets; empty for the null sender.
        var address: String
        /// The parameters, their names in capitals; the value is empty where there is none.
        var parameters: [Parameter]
    }

    /// A parameter of an extension.
    struct Parameter: Equatable {
        var name: String
        var value: String
    }

    /// Reads the bytes of a line: several a message, most of them short.
    init(_ line: [UInt8]) {
        guard line.allSatisfy({ $0 < 0x80 }) || String(validating: line, as: UTF8.self) != nil else {
            self = .malformed("expected UTF-8")
            return
        }
        let verb = line.prefix { $0 != Self.blank }
        var argument = line[verb.endIndex...].drop { $0 == Self.blank }
        while argument.last == Self.blank { argument.removeLast() }
        self = Self.command(Self.capitals(verb), argument)
    }

    private static let blank = UInt8(ascii: " ")

    private static func capitals(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
    }

    private static func command(_ verb: String, _ argument: ArraySlice<UInt8>) -> SubmissionCommand {
        switch verb {
        case "EHLO", "HELO": hello(verb, String(decoding: argument, as: UTF8.self))
        case "MAIL": path(argument, "FROM:").map(SubmissionCommand.mail) ?? .malformed("expected MAIL FROM:<address>")
        case "RCPT": path(argument, "TO:").map(SubmissionCommand.recipient) ?? .malformed("expected RCPT TO:<address>")
        case "DATA": withoutArgument(.data, argument)
        case "RSET": withoutArgument(.reset, argument)
        case "QUIT": withoutArgument(.quit, argument)
        case "STARTTLS": withoutArgument(.startTLS, argument)
        case "NOOP": .noop
        case "VRFY": .verify
        case "HELP": .help
        case "AUTH": authenticate(argument)
        case "EXPN", "BDAT", "ETRN", "TURN", "SEND", "SOML", "SAML": .notImplemented
        default: .unknown
        }
    }

    private static func hello(_ verb: String, _ name: String) -> SubmissionCommand {
        name.isEmpty ? .malformed("expected \(verb) and the name of the client") : .hello(name: name, isExtended: verb == "EHLO")
    }

    private static func withoutArgument(_ command: SubmissionCommand, _ argument: ArraySlice<UInt8>) -> SubmissionCommand {
        argument.isEmpty ? command : .malformed("expected no arguments")
    }

    private static func authenticate(_ argument: ArraySlice<UInt8>) -> SubmissionCommand {
        let parts = argument.split(separator: blank)
        guard let mechanism = parts.first, parts.count <= 2 else { return .malformed("expected AUTH and a mechanism") }
        return .authenticate(mechanism: capitals(mechanism), initial: parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : nil)
    }

    /// `FROM:<a@b> SIZE=1`; blanks before the angle bracket are common, and read.
    private static func path(_ argument: ArraySlice<UInt8>, _ keyword: String) -> Path? {
        let length = keyword.utf8.count
        guard capitals(argument.prefix(length)) == keyword else { return nil }
        var rest = argument.dropFirst(length).drop { $0 == blank }
        guard rest.popFirst() == UInt8(ascii: "<"), let end = closingBracket(rest) else { return nil }
        let parameters = rest[(end + 1)...]
        guard parameters.isEmpty || parameters.first == blank else { return nil }
        let address = String(decoding: withoutRoute(rest[..<end]), as: UTF8.self)
        return Path(address: address, parameters: parameters.isEmpty ? [] : parameters.split(separator: blank).map(parameter))
    }

    private static func parameter(_ bytes: ArraySlice<UInt8>) -> Parameter {
        let name = bytes.prefix { $0 != UInt8(ascii: "=") }
        return Parameter(name: capitals(name), value: String(decoding: bytes[name.endIndex...].dropFirst(), as: UTF8.self))
    }

    /// The angle bracket outside of quotes.
    private static func closingBracket(_ bytes: ArraySlice<UInt8>) -> Int? {
        var isQuoted = false
        var isEscaped = false
        return bytes.indices.first { index in
            let byte = bytes[index]
            defer { isEscaped = !isEscaped && isQuoted && byte == UInt8(ascii: "\\") }
            if byte == UInt8(ascii: "\""), !isEscaped { isQuoted.toggle() }
            return byte == UInt8(ascii: ">") && !isQuoted
        }
    }

    /// A source route says nothing any more (RFC 5321 section 4.1.1.3).
    private static func withoutRoute(_ address: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard address.first == UInt8(ascii: "@"), let colon = address.firstIndex(of: UInt8(ascii: ":")) else { return address }
        return address[(colon + 1)...]
    }
}
