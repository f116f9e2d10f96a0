import Encoding
import MailModel

/// The client's side of a session (RFC 5321), as a state machine: each reply leads to an action.
///
/// A session sends one message after the other until something fails; then it is over, and the next message needs a new one.
struct SMTPDialogue {
    enum Action: Equatable {
        /// Send a line.
        case send(String)
        /// Begin TLS, then call ``tlsStarted()``.
        case startTLS
        /// The session is ready for a message.
        case ready
        /// Send the message itself.
        case sendContent
        /// The server has accepted the message.
        case accepted
        /// The session is over.
        case fail(SMTPFailure)
    }

    private enum State {
        case greeting, hello, startTLS, startingTLS, user, password, login, ready
        case sender, recipient, data, content
        case over
    }

    private let server: SMTPServer
    private let clientName: String
    private var state = State.greeting
    private var isEncrypted: Bool
    private var recipient: EmailAddress?

    /// - Parameter clientName: the name in `EHLO`: a host name, or an address in brackets.
    init(_ server: SMTPServer, clientName: String) {
        self.server = server
        self.clientName = clientName
        isEncrypted = server.security == .tls
    }

    /// The connection broke.
    mutating func disconnected(_ reason: String) -> SMTPFailure {
        // After the end of the message, the server may have accepted it without being able to answer.
        let failure = SMTPFailure(isContentUnderWay ? .unknown : .transient, reason)
        state = .over
        return failure
    }

    /// Whether ``begin(from:to:)`` may be called.
    var isReady: Bool {
        if case .ready = state { true } else { false }
    }

    private var isContentUnderWay: Bool {
        if case .content = state { true } else { false }
    }

    /// TLS has begun.
    mutating func tlsStarted() -> Action {
        guard case .startingTLS = state else { return end(.transient, "TLS began unasked") }
        isEncrypted = true
        return hello()
    }

    /// Begins a message in a session that is ready.
    mutating func begin(from sender: EmailAddress, to recipient: EmailAddress) -> Action {
        guard case .ready = state else { return end(.transient, "the session is not ready") }
        self.recipient = recipient
        state = .sender
        return .send("MAIL FROM:<\(sender)>")
    }

    /// Handles a reply.
    mutating func received(_ reply: SMTPReply) -> Action {
        switch (state, reply.code) {
        case (.greeting, 220): return hello()
        case (.hello, 250): return greeted(reply)
        case (.startTLS, 220):
            state = .startingTLS
            return .startTLS
        case (.user, 334): return authenticate(with: server.credentials?.user, next: .password)
        case (.password, 334): return authenticate(with: server.credentials?.password, next: .login)
        case (.login, 235):
            state = .ready
            return .ready
        case (.sender, 250):
            state = .recipient
            return .send("RCPT TO:<\(recipient?.description ?? "")>")
        case (.recipient, 250), (.recipient, 251):
            state = .data
            return .send("DATA")
        case (.data, 354):
            state = .content
            return .sendContent
        case (.content, 250):
            state = .ready
            return .accepted
        default: return refused(reply)
        }
    }

    private mutating func hello() -> Action {
        state = .hello
        return .send("EHLO \(clientName)")
    }

    private mutating func greeted(_ reply: SMTPReply) -> Action {
        let offers = Set(reply.lines.dropFirst().map { $0.uppercased() })
        if server.security == .startTLS, !isEncrypted {
            guard offers.contains("STARTTLS") else { return end(.closedToUs, "the server offers no STARTTLS") }
            state = .startTLS
            return .send("STARTTLS")
        }
        guard let credentials = server.credentials else {
            state = .ready
            return .ready
        }
        let mechanisms = Set(
            offers.filter { $0.hasPrefix("AUTH ") || $0.hasPrefix("AUTH=") }.flatMap { $0.dropFirst(5).split(separator: " ") })
        if mechanisms.contains("PLAIN") {
            state = .login
            return .send("AUTH PLAIN " + Base64.encode(Array("\0\(credentials.user)\0\(credentials.password)".utf8)))
        }
        guard mechanisms.contains("LOGIN") else { return end(.closedToUs, "the server offers neither AUTH PLAIN nor AUTH LOGIN") }
        state = .user
        return .send("AUTH LOGIN")
    }

    private mutating func authenticate(with text: String?, next: State) -> Action {
        state = next
        return .send(Base64.encode(Array((text ?? "").utf8)))
    }

    private mutating func refused(_ reply: SMTPReply) -> Action {
        switch state {
        case .greeting, .hello, .startTLS, .user, .password, .login:
            // These refusals apply to every message.
            end(reply.code < 500 ? .transient : .closedToUs, reply.description)
        case .sender, .recipient, .data, .content:
            end(consequence(for: reply), reply.description)
        case .startingTLS, .ready, .over:
            end(.transient, "unasked: \(reply.description)")
        }
    }

    private func consequence(for reply: SMTPReply) -> SMTPFailure.Consequence {
        switch reply.code {
        // Authentication is required, or is too weak (RFC 4954 section 6).
        case 530, 534, 535, 538: .closedToUs
        case 500...: .permanent
        default: .transient
        }
    }

    private mutating func end(_ consequence: SMTPFailure.Consequence, _ explanation: String) -> Action {
        state = .over
        return .fail(SMTPFailure(consequence, explanation))
    }
}
