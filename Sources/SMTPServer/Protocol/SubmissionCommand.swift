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

    init(_ line: [UInt8]) {
        guard let text = String(validating: line, as: UTF8.self) else {
            self = .malformed("expected UTF-8")
            return
        }
        let verb = text.prefix { $0 != " " }.uppercased()
        let argument = String(text.dropFirst(verb.count).drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        self = Self.command(verb, argument)
    }

    private static func command(_ verb: String, _ argument: String) -> SubmissionCommand {
        switch verb {
        case "EHLO", "HELO": hello(verb, argument)
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

    private static func withoutArgument(_ command: SubmissionCommand, _ argument: String) -> SubmissionCommand {
        argument.isEmpty ? command : .malformed("expected no arguments")
    }

    private static func authenticate(_ argument: String) -> SubmissionCommand {
        let parts = argument.split(separator: " ", omittingEmptySubsequences: true)
        guard let mechanism = parts.first, parts.count <= 2 else { return .malformed("expected AUTH and a mechanism") }
        return .authenticate(mechanism: mechanism.uppercased(), initial: parts.count == 2 ? String(parts[1]) : nil)
    }

    /// `FROM:<a@b> SIZE=1`; blanks before the angle bracket are common, and read.
    private static func path(_ argument: String, _ keyword: String) -> Path? {
        guard argument.prefix(keyword.count).uppercased() == keyword else { return nil }
        var rest = argument.dropFirst(keyword.count).drop { $0 == " " }
        guard rest.popFirst() == "<", let end = closingBracket(rest) else { return nil }
        let address = String(rest[..<end])
        let parameters = rest[rest.index(after: end)...]
        guard parameters.isEmpty || parameters.first == " " else { return nil }
        return Path(
            address: withoutRoute(address),
            parameters: parameters.split(separator: " ").map { text in
                let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return Parameter(name: parts[0].uppercased(), value: parts.count > 1 ? String(parts[1]) : "")
            })
    }

    /// The angle bracket outside of quotes.
    private static func closingBracket(_ text: Substring) -> Substring.Index? {
        var isQuoted = false
        var isEscaped = false
        return text.indices.first { index in
            let character = text[index]
            defer { isEscaped = !isEscaped && isQuoted && character == "\\" }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            return character == ">" && !isQuoted
        }
    }

    /// A source route says nothing any more (RFC 5321 section 4.1.1.3).
    private static func withoutRoute(_ address: String) -> String {
        guard address.hasPrefix("@"), let colon = address.firstIndex(of: ":") else { return address }
        return String(address[address.index(after: colon)...])
    }
}
