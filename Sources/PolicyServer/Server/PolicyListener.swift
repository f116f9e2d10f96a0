import Glibc
package import MailModel
package import NIOCore
import NIOPosix

/// Why the daemon cannot listen on its address.
package struct PolicyListenError: Error, CustomStringConvertible {
    /// The address and the reason.
    package let description: String
}

/// The socket that mail servers connect to.
package enum PolicyListener {
    /// A connection of a mail server: requests come in, replies go out.
    package typealias Connection = NIOAsyncChannel<PolicyRequest, ByteBuffer>
    /// The listening socket, which accepts connections.
    package typealias Listener = NIOAsyncChannel<Connection, Never>

    /// The most bytes of a read, about ten requests: a connection is read no further ahead of its answers.
    private static let readSize = 16_384

    /// Listens on an address.
    ///
    /// A unix socket that no process listens on is replaced.
    ///
    /// - Parameter idleTimeout: how long a connection may have neither a whole request nor an answer before it is closed.
    /// - Throws: ``PolicyListenError`` when the address cannot be listened on.
    package static func open(_ address: PolicyAddress, idleTimeout: TimeAmount) async throws -> Listener {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: readSize))
            // A client that closes its side still gets the answers to its requests.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
        do {
            switch address {
            case .tcp(let host, let port):
                let bootstrap =
                    bootstrap
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                return try await bootstrap.bind(host: host, port: port) { configure($0, idleTimeout) }
            case .unix(let path):
                try removeStaleSocket(path)
                let listener = try await bootstrap.bind(unixDomainSocketPath: path) { configure($0, idleTimeout) }
                // The mail server runs as another user. The permissions of the directory control who may connect.
                chmod(path, 0o666)
                return listener
            }
        } catch let error as IOError {
            throw PolicyListenError(description: "\(address): \(String(cString: strerror(error.errnoCode)))")
        }
    }

    private static func configure(_ channel: any Channel, _ idleTimeout: TimeAmount) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(ByteToMessageHandler(PolicyRequestDecoder()))
            try pipeline.addHandler(IdleStateHandler(allTimeout: idleTimeout))
            try pipeline.addHandler(CloseWhenIdle())
            return try Connection(
                wrappingChannelSynchronously: channel,
                configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 1)))
        }
    }

    /// Removes the socket of a process that was killed.
    ///
    /// - Throws: ``PolicyListenError`` when the file is no socket, or a process listens on it.
    private static func removeStaleSocket(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw PolicyListenError(description: "\(path) exists and is no socket") }
        guard !isListenedOn(path) else { throw PolicyListenError(description: "another process listens on \(path)") }
        unlink(path)
    }

    /// Only a refused connection proves that no process listens; a full queue or missing permissions do not.
    private static func isListenedOn(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return connected == 0 || errno != ECONNREFUSED
    }
}

/// Closes a connection that has had neither a whole request nor an answer for too long.
///
/// It and the `IdleStateHandler` stand behind the decoder: bytes that never complete a request keep no connection open.
private final class CloseWhenIdle: ChannelInboundHandler {
    typealias InboundIn = PolicyRequest

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
