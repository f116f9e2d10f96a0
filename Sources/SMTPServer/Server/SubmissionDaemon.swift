import Concurrency
import CoreMetrics
package import Logging
package import MailModel
import NIOCore
import NIOSSL
import ServiceLifecycle

/// The server of submission: takes messages by SMTP (specification 15).
///
/// On a graceful shutdown no connection is accepted any more, a message under way is answered, and the connections are closed.
package struct SubmissionDaemon: Service {
    /// The bounds of the server.
    package struct Configuration: Sendable {
        /// The name of the server in its greeting.
        package var hostName: String
        /// The largest message, in bytes.
        package var maximumBytes: Int
        /// The most open connections.
        package var connections = 1_000
        /// The most open connections of one client.
        package var connectionsOfClient = 50
        /// How long a client may take for a command, and for a part of a message (RFC 5321 section 4.5.3.2).
        package var commandTimeout: Duration = .seconds(300)
        /// How long a client may take for a message.
        package var messageTimeout: Duration = .seconds(1_800)
        /// Whether messages get a `Received` field.
        package var addsReceived = false

        /// Creates the configuration of production.
        package init(hostName: String, maximumBytes: Int) {
            self.hostName = hostName
            self.maximumBytes = maximumBytes
        }
    }

    private let address: SubmissionAddress
    private let service: SubmissionService
    private let certificate: SubmissionCertificate?
    private let configuration: Configuration
    private let logger: Logger
    private let connections: SubmissionConnections
    private let faults = LogThrottle()
    private let onListening: @Sendable (_ port: Int?) async -> Void

    /// - Parameters:
    ///   - certificate: `nil`: there is no TLS, and only clients on this machine can log in.
    ///   - onListening: called when the server accepts connections.
    package init(
        _ address: SubmissionAddress, service: SubmissionService, certificate: SubmissionCertificate?, configuration: Configuration,
        logger: Logger, onListening: @escaping @Sendable (_ port: Int?) async -> Void = { _ in }
    ) {
        self.address = address
        self.service = service
        self.certificate = certificate
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
        connections = SubmissionConnections(limit: configuration.connections, clientLimit: configuration.connectionsOfClient)
    }

    /// Runs the server until the shutdown.
    ///
    /// - Throws: ``SubmissionListenError`` when the address cannot be listened on.
    package func run() async throws {
        let listener = try await SubmissionListener.open(address, tls: address.isImplicitTLS ? handler : nil)
        logger.notice("Listening for messages", metadata: ["submission.address": "\(address)"])
        await onListening(listener.channel.localAddress?.port)
        try await withGracefulShutdownHandler {
            try await accept(from: listener)
        } onGracefulShutdown: { [connections] in
            listener.channel.close(promise: nil)
            connections.quiesce()
        }
    }

    private var handler: (@Sendable () throws -> NIOSSLServerHandler)? {
        guard let certificate else { return nil }
        return { NIOSSLServerHandler(context: certificate.context) }
    }

    private func accept(from listener: SubmissionListener.Listener) async throws {
        try await listener.executeThenClose { inbound in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in inbound {
                    group.addTask { await serve(client) }
                }
            }
        }
    }

    private func serve(_ client: SubmissionListener.Client) async {
        let channel = client.channel.channel
        let host = channel.remoteAddress?.ipAddress ?? "local"
        let holder = IPAddress.client(of: host)
        let isAdmitted = connections.add(channel, of: holder)
        defer { connections.remove(channel, of: holder) }
        service.metrics.connections.record(connections.count)
        do {
            try await client.channel.executeThenClose { inbound, _ in
                guard isAdmitted else { return try await refuse(channel) }
                var connection = SubmissionConnection(
                    channel: channel, deadline: client.deadline, host: host, session: SubmissionSession(session(of: host)),
                    service: service, configuration: configuration, tls: handler)
                try await connection.run(inbound)
            }
        } catch {
            logger.debug("A connection of submission ended", metadata: ["error": "\(error)"])
        }
        service.metrics.connections.record(max(0, connections.count - 1))
    }

    private func refuse(_ channel: any Channel) async throws {
        faults.log { suppressed in
            logger.warning(
                "A connection of submission was closed: there are too many",
                metadata: ["submission.connections": "\(configuration.connections)", "log.suppressed": "\(suppressed)"])
        }
        guard !address.isImplicitTLS else { return }
        try await channel.writeAndFlush(ByteBuffer(string: SubmissionReply(421, "4.7.0", "Too many connections, try again later").encoded))
    }

    private func session(of host: String) -> SubmissionSession.Configuration {
        var session = SubmissionSession.Configuration(
            hostName: configuration.hostName, maximumBytes: configuration.maximumBytes,
            offersTLS: certificate != nil && !address.isImplicitTLS)
        session.isImplicitTLS = address.isImplicitTLS
        session.isLocal = IPAddress(host)?.isThisMachine ?? false
        return session
    }
}
