package import MailModel

/// What a server of submission says, command by command (RFC 5321, RFC 6409): a pure state machine.
///
/// Its input is what a client has sent and the outcomes of its actions; its output is the next actions.
package struct SubmissionSession: Sendable {
    /// What a session is subject to.
    package struct Configuration: Sendable, Equatable {
        /// The name of the server in its greeting.
        package var hostName: String
        /// The largest message, in bytes.
        package var maximumBytes: Int
        /// Whether there is a certificate.
        package var offersTLS: Bool
        /// Whether TLS has begun with the first byte.
        package var isImplicitTLS = false
        /// Whether the client is this machine, from which a password may come without TLS.
        package var isLocal = false
        /// The most recipients of a message.
        package var maximumRecipients = 1_000
        /// The errors after which a session ends.
        package var maximumErrors = 10
        /// The most commands of a client that has not logged in.
        package var maximumAnonymousCommands = 30

        /// Creates a configuration.
        package init(hostName: String, maximumBytes: Int, offersTLS: Bool) {
            self.hostName = hostName
            self.maximumBytes = maximumBytes
            self.offersTLS = offersTLS
        }
    }

    /// What is to be done next.
    package enum Action: Sendable, Equatable {
        /// The client is to be told something.
        case reply(SubmissionReply)
        /// The client is to be told something, and the connection closed.
        case close(SubmissionReply)
        /// After this reply, TLS begins.
        case startTLS(SubmissionReply)
        /// A password is to be checked: see ``authenticated()`` and ``refused(_:)``.
        case authenticate(password: String)
        /// The key of the session is to be checked again, for the next message: see ``renewed()`` and ``refused(_:)``.
        case renew
        /// A recipient is to be checked: see ``checked(_:refusal:)``.
        case check(EmailAddress)
        /// After this reply, the message follows: see ``received(_:)``.
        case receive(SubmissionReply)
    }

    private enum Authentication { case none, plain, loginName, loginPassword }

    /// The bounds of the session.
    package let configuration: Configuration
    /// The name that the client has given; `nil` before its `EHLO` or `HELO`.
    package private(set) var clientName: String?
    /// Whether the client has said `EHLO`.
    package private(set) var isExtended = false
    /// Whether the connection is under TLS.
    package private(set) var isUnderTLS: Bool
    /// Whether the client has logged in.
    package private(set) var isAuthenticated = false
    /// The recipients of the message, each once.
    package private(set) var recipients: [EmailAddress] = []
    private var hasSender = false
    private var isFresh = false
    private var exchange = Authentication.none
    private var errors = 0
    private var anonymousCommands = 0

    /// The beginning of a session.
    package init(_ configuration: Configuration) {
        self.configuration = configuration
        isUnderTLS = configuration.isImplicitTLS
    }

    /// The first line of the server.
    package var greeting: SubmissionReply { SubmissionReply(220, "\(configuration.hostName) ESMTP Martlet") }

    /// The last line of a server that ends.
    package var farewell: SubmissionReply { SubmissionReply(421, "4.3.2", "\(configuration.hostName) is shutting down, try again") }

    /// Whether the client may log in here.
    private var mayAuthenticate: Bool { isUnderTLS || configuration.isLocal }

    /// The client has sent a line.
    package mutating func received(_ line: SubmissionInput.Line) -> Action {
        switch line {
        case .malformed: return fault(SubmissionReply(500, "5.5.2", "Every line ends with CR LF, and has no CR, LF or NUL in it"))
        case .tooLong: return fault(SubmissionReply(500, "5.5.2", "The line is too long"))
        case .bytes(let bytes):
            if exchange != .none { return continueExchange(bytes) }
            return perform(SubmissionCommand(bytes))
        }
    }

    private mutating func perform(_ command: SubmissionCommand) -> Action {
        if !isAuthenticated {
            anonymousCommands += 1
            guard anonymousCommands <= configuration.maximumAnonymousCommands else {
                return .close(SubmissionReply(421, "4.7.0", "Too many commands before AUTH"))
            }
        }
        switch command {
        case .hello(let name, let isExtended): return hello(name, isExtended)
        case .mail(let path): return mail(path)
        case .recipient(let path): return recipient(path)
        case .data: return data()
        case .reset:
            reset()
            return .reply(SubmissionReply(250, "2.0.0", "OK"))
        case .noop: return .reply(SubmissionReply(250, "2.0.0", "OK"))
        case .quit: return .close(SubmissionReply(221, "2.0.0", "Bye"))
        case .verify: return .reply(SubmissionReply(252, "2.5.2", "Send the message, and see"))
        case .help: return .reply(SubmissionReply(214, "2.0.0", "EHLO STARTTLS AUTH MAIL RCPT DATA RSET NOOP QUIT"))
        case .startTLS: return startTLS()
        case .authenticate(let mechanism, let initial): return authenticate(mechanism, initial)
        case .notImplemented: return fault(SubmissionReply(502, "5.5.1", "Command not implemented"))
        case .unknown: return fault(SubmissionReply(500, "5.5.2", "Unknown command"))
        case .malformed(let expected): return fault(SubmissionReply(501, "5.5.4", "Syntax error: \(expected)"))
        }
    }

    /// An answer to what the client does wrong; the last one ends the session.
    private mutating func fault(_ reply: SubmissionReply) -> Action {
        errors += 1
        guard errors < configuration.maximumErrors else { return .close(SubmissionReply(421, "4.7.0", "Too many errors")) }
        return .reply(reply)
    }

    private mutating func reset() {
        hasSender = false
        recipients = []
    }
}

// MARK: - Commands

extension SubmissionSession {
    private mutating func hello(_ name: String, _ isExtended: Bool) -> Action {
        reset()
        clientName = String(name.prefix(255))
        self.isExtended = isExtended
        guard isExtended else { return .reply(SubmissionReply(250, configuration.hostName)) }
        var lines = [
            configuration.hostName, "PIPELINING", "SIZE \(configuration.maximumBytes)", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES",
        ]
        if configuration.offersTLS, !isUnderTLS { lines.append("STARTTLS") }
        if mayAuthenticate, !isAuthenticated { lines.append("AUTH PLAIN LOGIN") }
        return .reply(SubmissionReply(250, lines: lines))
    }

    private mutating func startTLS() -> Action {
        guard configuration.offersTLS else { return fault(SubmissionReply(502, "5.5.1", "TLS is not available")) }
        guard !isUnderTLS else { return fault(SubmissionReply(503, "5.5.1", "TLS has begun already")) }
        return .startTLS(SubmissionReply(220, "2.0.0", "Ready to start TLS"))
    }

    /// TLS has begun: what was said before it counts for nothing (RFC 3207 section 4.2).
    package mutating func startedTLS() {
        reset()
        isUnderTLS = true
        clientName = nil
        isExtended = false
        isAuthenticated = false
    }

    private mutating func mail(_ path: SubmissionCommand.Path) -> Action {
        guard isAuthenticated else { return fault(authenticationRequired) }
        guard clientName != nil else { return fault(SubmissionReply(503, "5.5.1", "Say EHLO first")) }
        guard !hasSender else { return fault(SubmissionReply(503, "5.5.1", "There is a sender already")) }
        for parameter in path.parameters {
            if let reply = refusal(of: parameter) { return fault(reply) }
        }
        guard !isFresh else { return renewed() }
        return .renew
    }

    /// The key may still be used.
    package mutating func renewed() -> Action {
        isFresh = false
        hasSender = true
        return .reply(SubmissionReply(250, "2.1.0", "OK"))
    }

    private var authenticationRequired: SubmissionReply {
        let isLate = !mayAuthenticate
        return SubmissionReply(
            530, "5.7.0", isLate ? "Issue STARTTLS and AUTH first" : "Authentication required: the password is an API key")
    }

    private func refusal(of parameter: SubmissionCommand.Parameter) -> SubmissionReply? {
        switch (parameter.name, parameter.value.uppercased()) {
        case ("BODY", "7BIT"), ("BODY", "8BITMIME"), ("SMTPUTF8", ""), ("AUTH", _): return nil
        case ("SIZE", let size):
            guard let bytes = UInt64(size), size.utf8.count <= 20 else { return SubmissionReply(501, "5.5.4", "SIZE is a number of bytes") }
            return bytes <= UInt64(configuration.maximumBytes) ? nil : tooLarge
        default: return SubmissionReply(555, "5.5.4", "The parameter \(parameter.name) is not known")
        }
    }

    /// The answer to a message that is too large.
    package var tooLarge: SubmissionReply {
        SubmissionReply(552, "5.3.4", "The message is larger than \(configuration.maximumBytes) bytes")
    }

    private mutating func recipient(_ path: SubmissionCommand.Path) -> Action {
        guard hasSender else { return fault(isAuthenticated ? SubmissionReply(503, "5.5.1", "MAIL comes first") : authenticationRequired) }
        guard recipients.count < configuration.maximumRecipients else {
            return .reply(SubmissionReply(452, "4.5.3", "A message has at most \(configuration.maximumRecipients) recipients"))
        }
        if let parameter = path.parameters.first {
            return fault(SubmissionReply(555, "5.5.4", "The parameter \(parameter.name) is not known"))
        }
        let local = path.address.utf8.prefix(
            path.address.utf8.lastIndex(of: UInt8(ascii: "@")).map {
                path.address.utf8.distance(from: path.address.startIndex, to: $0)
            } ?? 0)
        guard local.allSatisfy({ $0 < 0x80 }) else {
            return fault(
                SubmissionReply(553, "5.6.7", "Letters beyond ASCII before the @ (SMTPUTF8) are not supported by Amazon SES"))
        }
        do throws(EmailAddress.Invalid) {
            return .check(try EmailAddress(path.address))
        } catch {
            return fault(SubmissionReply(553, "5.1.3", error.description))
        }
    }

    /// A recipient was checked.
    ///
    /// - Parameter refusal: why messages to it are refused; `nil` where nothing is known against it.
    package mutating func checked(_ recipient: EmailAddress, refusal: SubmissionReply?) -> Action {
        if let refusal { return .reply(refusal) }
        recipients.append(recipient)
        return .reply(SubmissionReply(250, "2.1.5", "OK"))
    }

    private mutating func data() -> Action {
        guard hasSender else { return fault(isAuthenticated ? SubmissionReply(503, "5.5.1", "MAIL comes first") : authenticationRequired) }
        guard !recipients.isEmpty else { return fault(SubmissionReply(554, "5.5.1", "No valid recipients")) }
        return .receive(SubmissionReply(354, "End the message with a dot on a line of its own"))
    }

    /// The outcome of a message that was received.
    package mutating func received(_ reply: SubmissionReply) -> Action {
        reset()
        return .reply(reply)
    }
}

// MARK: - AUTH

extension SubmissionSession {
    private mutating func authenticate(_ mechanism: String, _ initial: String?) -> Action {
        guard !isAuthenticated else { return fault(SubmissionReply(503, "5.5.1", "You are logged in already")) }
        guard isExtended else { return fault(SubmissionReply(503, "5.5.1", "Say EHLO first")) }
        guard mayAuthenticate else {
            return fault(SubmissionReply(538, "5.7.11", "Encryption required: issue STARTTLS first"))
        }
        switch mechanism {
        case "PLAIN": exchange = .plain
        case "LOGIN": exchange = .loginName
        default: return fault(SubmissionReply(504, "5.5.4", "Expected AUTH PLAIN or AUTH LOGIN"))
        }
        // A single equals sign is an empty response (RFC 4954 section 4).
        guard let initial else { return .reply(SubmissionReply(334, challenge)) }
        return continueExchange(initial == "=" ? [] : Array(initial.utf8))
    }

    /// In base64: `Username:` and `Password:`.
    private var challenge: String {
        switch exchange {
        case .none, .plain: ""
        case .loginName: "VXNlcm5hbWU6"
        case .loginPassword: "UGFzc3dvcmQ6"
        }
    }

    private mutating func continueExchange(_ line: [UInt8]) -> Action {
        let step = exchange
        exchange = .none
        guard line != [UInt8(ascii: "*")] else { return fault(SubmissionReply(501, "5.7.0", "Authentication was given up")) }
        guard let response = SASLResponse.decode(line) else { return fault(SubmissionReply(501, "5.5.2", "The response is not in base64")) }
        if step == .loginName {
            exchange = .loginPassword
            return .reply(SubmissionReply(334, challenge))
        }
        let password = step == .plain ? SASLResponse.password(ofPlain: response) : response
        guard let password, !password.isEmpty, let text = String(validating: password, as: UTF8.self) else {
            return fault(SubmissionReply(501, "5.5.2", "The response has no password"))
        }
        return .authenticate(password: text)
    }

    /// The client has logged in.
    package mutating func authenticated() -> Action {
        isAuthenticated = true
        isFresh = true
        return .reply(SubmissionReply(235, "2.7.0", "Authentication successful"))
    }

    /// The key is not accepted, or not any more.
    package mutating func refused(_ reply: SubmissionReply) -> Action {
        if isAuthenticated { (isAuthenticated, isFresh) = (false, false) }
        reset()
        return fault(reply)
    }
}
