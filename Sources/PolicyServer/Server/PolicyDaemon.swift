import Concurrency
package import Logging
package import MailModel
import NIOCore
import ServiceLifecycle

/// The policy daemon: Postfix's policy delegation protocol on TCP or a unix socket (specification 11).
///
/// A connection carries any number of requests, which are answered in their order. A malformed request closes its own connection only.
/// On a graceful shutdown nothing more is read, the requests that were read are answered, and the connections are closed.
package struct PolicyDaemon: Service {
    /// The bounds of the daemon.
    package struct Configuration: Sendable {
        /// The most open connections: each process of the mail server holds one.
        ///
        /// A further one is closed at once.
        package var connections = 1024
        /// How long a connection may be idle: longer than Postfix keeps one (`smtpd_policy_service_max_idle`, 300 s), so that it never
        /// writes to one that was closed here.
        package var idleTimeout: Duration = .seconds(330)

        /// Creates the configuration of production.
        package init() {}
    }

    private let address: PolicyAddress
    private let service: PolicyService
    private let configuration: Configuration
    private let logger: Logger
    private let connections: OpenConnections
    private let faults = LogThrottle()
    private let onListening: @Sendable () async -> Void

    /// - Parameter onListening: called when the daemon accepts connections.
    package init(
        _ address: PolicyAddress, service: PolicyService, configuration: Configuration = Configuration(), logger: Logger,
        onListening: @escaping @Sendable () async -> Void = {}
    ) {
        self.address = address
        self.service = service
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
        connections = OpenConnections(limit: configuration.connections)
    }

    /// Runs the daemon until the shutdown.
    ///
    /// - Throws: ``PolicyListenError`` when the address cannot be listened on.
    package func run() async throws {
        let listener = try await PolicyListener.open(address, idleTimeout: .nanoseconds(configuration.idleTimeout.milliseconds * 1_000_000))
        logger.notice("Listening for policy requests", metadata: ["policy.address": "\(address)"])
        await onListening()
        try await withGracefulShutdownHandler {
            try await accept(from: listener)
        } onGracefulShutdown: { [connections] in
            listener.channel.close(promise: nil)
            connections.quiesce()
        }
    }

    private func accept(from listener: PolicyListener.Listener) async throws {
        try await listener.executeThenClose { inbound in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in inbound {
                    group.addTask { await serve(connection) }
                }
            }
        }
    }

    private func serve(_ connection: PolicyListener.Connection) async {
        let admission = connections.add(connection.channel)
        defer { connections.remove(connection.channel) }
        do {
            try await connection.executeThenClose { inbound, outbound in
                guard admission == .open else { return report(admission) }
                for try await request in inbound {
                    let action = await service.action(for: request)
                    try await outbound.write(ByteBuffer(string: action.encoded))
                }
            }
        } catch let fault as PolicyFault {
            faults.log { suppressed in
                logger.warning(
                    "A policy connection was closed: it sent no policy request",
                    metadata: ["policy.fault": "\(fault)", "log.suppressed": "\(suppressed)"])
            }
        } catch {
            logger.debug("A policy connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func report(_ admission: OpenConnections.Admission) {
        guard admission == .full else { return }
        faults.log { suppressed in
            logger.warning(
                "A policy connection was closed: there are too many",
                metadata: ["policy.connections": "\(configuration.connections)", "log.suppressed": "\(suppressed)"])
        }
    }
}
