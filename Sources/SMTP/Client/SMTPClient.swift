package import MailModel
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Hands messages to a relay, over sessions that are kept for the next message for a while.
package final class SMTPClient: Sendable {
    private static let longestConnect = TimeAmount.seconds(10)

    private let server: SMTPServer
    private let clientName: String
    private let timeout: TimeAmount
    /// `nil` where the relay is spoken to without TLS.
    private let tls: NIOSSLContext?
    private let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    private let idle = IdleSessions()

    /// - Parameters:
    ///   - clientName: how the client calls itself: a host name.
    ///   - timeout: for all of a message, from the connection to the answer.
    package convenience init(_ server: SMTPServer, clientName: String, timeout: Duration = .seconds(45)) throws {
        try self.init(server, clientName: clientName, timeout: timeout, tls: .makeClientConfiguration())
    }

    init(_ server: SMTPServer, clientName: String, timeout: Duration, tls: TLSConfiguration) throws {
        self.server = server
        self.clientName = clientName
        self.timeout = .milliseconds(timeout.milliseconds)
        self.tls = server.security == .none ? nil : try NIOSSLContext(configuration: tls)
    }

    /// Hands one message over, once. When this returns the relay has taken it.
    ///
    /// - Parameter message: the wire form (RFC 5322), its lines ending in CR LF.
    package func send(from sender: EmailAddress, to recipient: EmailAddress, message: [UInt8]) async throws(SMTPFailure) {
        let message = { [self] in
            OutboundMessage(
                sender: sender, recipient: recipient, content: ByteBuffer(dotStuffing: message), deadline: .now() + timeout,
                isTaken: group.any().makePromise())
        }
        do {
            if let channel = idle.take() {
                do {
                    return try await send(message(), on: channel)
                } catch is SessionWasOver {
                    // As servers do with sessions that idle.
                }
            }
            try await sendAnew(message())
        } catch {
            throw (error as? SMTPFailure) ?? SMTPFailure(connecting: error) ?? SMTPFailure(.transient, "no connection: \(error)")
        }
    }

    private func send(_ message: OutboundMessage, on channel: any Channel) async throws {
        channel.writeAndFlush(message).whenFailure { _ in message.isTaken.fail(SessionWasOver()) }
        try await taken(message)
    }

    /// In a session of its own, which is kept afterwards.
    private func sendAnew(_ message: OutboundMessage) async throws {
        ClientBootstrap(group: group)
            .connectTimeout(Self.longestConnect)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if server.security == .tls { try pipeline.addHandler(try tlsHandler()) }
                    let dialogue = SMTPDialogue(server, clientName: clientName)
                    try pipeline.addHandler(
                        SessionHandler(dialogue, first: message, tls: { [self] in try tlsHandler() }, onIdle: idle.put))
                }
            }
            .connect(host: server.host, port: server.port).whenFailure { message.isTaken.fail($0) }
        try await taken(message)
    }

    private func taken(_ message: OutboundMessage) async throws {
        try await withTaskCancellationHandler {
            try await message.isTaken.futureResult.get()
        } onCancel: {
            message.isTaken.fail(SMTPFailure(.unknown, "given up while the message was under way"))
        }
    }

    private func tlsHandler() throws -> NIOSSLClientHandler {
        guard let tls else { throw SMTPFailure(.closedToUs, "TLS is off for this relay") }
        // A literal address is no name: the certificate then has to be for the address.
        let isLiteral = (try? SocketAddress(ipAddress: server.host, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isLiteral ? nil : server.host)
    }
}

/// Sessions that wait for the next message. They close themselves after a while.
final class IdleSessions: Sendable {
    private let channels = Mutex<[any Channel]>([])

    func put(_ channel: any Channel) {
        channels.withLock { $0.append(channel) }
    }

    /// The one that was used last: it is the likeliest to be still there.
    func take() -> (any Channel)? {
        channels.withLock { channels in
            while let channel = channels.popLast() {
                if channel.isActive { return channel }
            }
            return nil
        }
    }
}
