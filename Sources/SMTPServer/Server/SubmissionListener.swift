import Glibc
import MailModel
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Why the server cannot listen on its address.
package struct SubmissionListenError: Error, CustomStringConvertible {
    /// The address and the reason.
    package let description: String
}

/// An event on a connection.
enum SubmissionEvent: Sendable {
    /// The client has sent bytes.
    case bytes(ByteBuffer)
    /// TLS has begun: all bytes before this came in plain text.
    case startedTLS
    /// The server ends.
    case quiescing
}

/// The socket that mail programs connect to.
enum SubmissionListener {
    typealias Connection = NIOAsyncChannel<SubmissionEvent, ByteBuffer>
    /// A connection with what bounds its time.
    typealias Client = (channel: Connection, deadline: SubmissionDeadline)
    typealias Listener = NIOAsyncChannel<Client, Never>

    private static let readSize = 65_536

    /// Listens on an address.
    ///
    /// - Parameter tls: makes the handler of TLS from the first byte; `nil` where TLS begins by STARTTLS.
    /// - Throws: ``SubmissionListenError`` when the address cannot be listened on.
    static func open(
        _ address: SubmissionAddress, tls: (@Sendable () throws -> NIOSSLServerHandler)?
    ) async throws -> Listener {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 4_096, maximum: readSize))
        do {
            return try await bootstrap.bind(host: address.host, port: address.port) { configure($0, tls) }
        } catch let error as IOError {
            throw SubmissionListenError(description: "\(address): \(String(cString: strerror(error.errnoCode)))")
        }
    }

    private static func configure(
        _ channel: any Channel, _ tls: (@Sendable () throws -> NIOSSLServerHandler)?
    ) -> EventLoopFuture<Client> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let tls { try pipeline.addHandler(try tls()) }
            let deadline = SubmissionDeadline()
            try pipeline.addHandler(SubmissionEvents(deadline))
            let connection = try Connection(
                wrappingChannelSynchronously: channel, configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 4)))
            return (connection, deadline)
        }
    }
}

/// When a connection is closed, unless the client has done by then what it is waited for.
///
/// Checked every second and not timed to the instant: moving it costs nothing.
final class SubmissionDeadline: Sendable {
    private let nanoseconds = Atomic<UInt64>(.max)

    /// Sets the time; `nil` while it is the server's turn.
    func set(_ time: NIODeadline?) {
        nanoseconds.store(time?.uptimeNanoseconds ?? .max, ordering: .relaxed)
    }

    func isOver(at now: NIODeadline) -> Bool {
        now.uptimeNanoseconds >= nanoseconds.load(ordering: .relaxed)
    }
}

/// Makes events of what comes in, and closes the connection at its deadline.
///
/// The last words are written by it, as nobody else is waiting for the client any longer.
private final class SubmissionEvents: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = SubmissionEvent
    typealias OutboundOut = ByteBuffer

    private let deadline: SubmissionDeadline
    private var timer: RepeatedTask?

    init(_ deadline: SubmissionDeadline) {
        self.deadline = deadline
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [deadline] _ in
            guard deadline.isOver(at: .now()) else { return }
            let words = ByteBuffer(string: SubmissionReply(421, "4.4.2", "You have taken too long").encoded)
            bound.value.writeAndFlush(NIOAny(words), promise: nil)
            bound.value.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(wrapInboundOut(.bytes(unwrapInboundIn(data))))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let signal = event as? SubmissionSignal else { return context.fireUserInboundEventTriggered(event) }
        context.fireChannelRead(wrapInboundOut(signal == .startedTLS ? .startedTLS : .quiescing))
        context.fireChannelReadComplete()
    }
}

/// What a channel is told from outside.
enum SubmissionSignal: Sendable {
    case startedTLS, quiesce
}

extension Channel {
    /// Sends a reply in plain text and lets TLS begin behind it, with nothing read in between.
    func startTLS(after reply: SubmissionReply, _ tls: @escaping @Sendable () throws -> NIOSSLServerHandler) async throws {
        let words = ByteBuffer(string: reply.encoded)
        try await eventLoop.submit {
            self.writeAndFlush(words, promise: nil)
            try self.pipeline.syncOperations.addHandler(try tls(), position: .first)
            self.pipeline.fireUserInboundEventTriggered(SubmissionSignal.startedTLS)
        }.get()
    }
}
