package import MailModel
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Sends messages through a relay.
///
/// Sessions are kept for further messages for a while.
package final class SMTPClient: Sendable {
    private static let longestConnect = TimeAmount.seconds(10)

    private let server: SMTPServer
    private let clientName: String
    private let timeout: TimeAmount
    /// `nil` for a relay without TLS.
    private let tls: NIOSSLContext?
    private let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    private let idle = IdleSessions()

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - clientName: the host name in `EHLO`.
    ///   - timeout: for one message, from the connection to the answer.
    /// - Throws: an error of TLS.
    package convenience init(_ server: SMTPServer, clientName: String, timeout: Duration = .seconds(45)) throws {
        try self.init(server, clientName: clientName, timeout: timeout, tls: .makeClientConfiguration())
    }

    init(_ server: SMTPServer, clientName: String, timeout: Duration, tls: TLSConfiguration) throws {
        self.server = server
        self.clientName = clientName
        self.timeout = .milliseconds(timeout.milliseconds)
        self.tls = server.security == .none ? nil : try NIOSSLContext(configuration: tls)
    }

    /// Sends one message, once.
    ///
    /// When this returns, the relay has accepted it.
    ///
    /// - Parameter message: the wire form (RFC 5322), whose lines end with CR LF.
    package func send(from sender: EmailAddress, to recipient: EmailAddress, message: [UInt8]) async throws(SMTPFailure) {
        let message = { [self] in
            OutboundMessage(
                sender: sender, recipient: recipient, content: ByteBuffer(dotStuffing: message), deadline: .now() + timeout,
                isAccepted: group.any().makePromise())
        }
        do {
            if let channel = idle.take() {
                do {
                    return try await send(message(), on: channel)
                } catch is SessionWasOver {
                    // Servers close idle sessions: the message needs a new one.
                }
            }
            try await sendInNewSession(message())
        } catch {
            throw (error as? SMTPFailure) ?? SMTPFailure(connecting: error) ?? SMTPFailure(.transient, "no connection: \(error)")
        }
    }

    private func send(_ message: OutboundMessage, on channel: any Channel) async throws {
        channel.writeAndFlush(message).whenFailure { _ in message.isAccepted.fail(SessionWasOver()) }
        try await waitForAnswer(to: message)
    }

    /// Sends in a new session, which is kept afterwards.
    private func sendInNewSession(_ message: OutboundMessage) async throws {
        ClientBootstrap(group: group)
            .connectTimeout(Self.longestConnect)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if server.security == .tls { try pipeline.addHandler(try tlsHandler()) }
                    let dialogue = SMTPDialogue(server, clientName: clientName)
                    try pipeline.addHandler(
                        SessionHandler(dialogue, first: message, tls: { [self] in try tlsHandler() }, onIdle: idle.store))
                }
            }
            .connect(host: server.host, port: server.port).whenFailure { message.isAccepted.fail($0) }
        try await waitForAnswer(to: message)
    }

    private func waitForAnswer(to message: OutboundMessage) async throws {
        try await withTaskCancellationHandler {
            try await message.isAccepted.futureResult.get()
        } onCancel: {
            message.isAccepted.fail(SMTPFailure(.unknown, "given up while the message was under way"))
        }
    }

    private func tlsHandler() throws -> NIOSSLClientHandler {
        guard let tls else { throw SMTPFailure(.closedToUs, "TLS is off for this relay") }
        // For a literal address, the certificate has to be for the address.
        let isLiteral = (try? SocketAddress(ipAddress: server.host, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isLiteral ? nil : server.host)
    }
}

/// Sessions that wait for a further message.
///
/// They close themselves after a while.
final class IdleSessions: Sendable {
    private let channels = Mutex<[any Channel]>([])

    func store(_ channel: any Channel) {
        channels.withLock { $0.append(channel) }
    }

    /// Removes and returns the session that was used last, which is the most likely to be still open.
    func take() -> (any Channel)? {
        channels.withLock { channels in
            while let channel = channels.popLast() {
                if channel.isActive { return channel }
            }
            return nil
        }
    }
}
