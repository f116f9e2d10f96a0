import Glibc
package import MailModel
package import NIOCore
import NIOPosix

/// Why the daemon cannot listen.
package struct PolicyListenError: Error, CustomStringConvertible {
    package let description: String
}

/// Opens the socket that mail servers connect to.
package enum PolicyListener {
    package typealias Connection = NIOAsyncChannel<PolicyRequest, ByteBuffer>
    package typealias Listener = NIOAsyncChannel<Connection, Never>

    /// A read takes this much at the most, about ten requests: all that a connection gets ahead of its answers.
    private static let readSize = 16_384

    /// Listens, and takes the place of a socket file that nobody listens on.
    package static func open(_ address: PolicyAddress, idleTimeout: TimeAmount) async throws -> Listener {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: readSize))
            // A client that closes its half still gets the answers to what it asked.
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
                // The mail server is another user. Who may ask is said by the rights of the folder.
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

    /// Removes the socket that a process left behind which did not end in good order.
    ///
    /// - Throws: ``PolicyListenError`` when something else is there, or somebody listens on it.
    private static func removeStaleSocket(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw PolicyListenError(description: "\(path) exists and is no socket") }
        guard !isListenedOn(path) else { throw PolicyListenError(description: "another process listens on \(path)") }
        unlink(path)
    }

    /// Only a refused connection is proof that nobody is there; a queue that is full, or rights that are missing, are not.
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
