import MailModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import Callbacks

/// A customer's server on this machine: counts connections, stores the requests, and answers by script.
final class Receiver: Sendable {
    struct Request: Sendable {
        var head: HTTPRequestHead
        var body: String
    }

    enum Reply: Sendable {
        case status(Int, headers: [(String, String)] = [], bodyBytes: Int = 0)
        /// No answer at all.
        case silence
    }

    private struct State {
        var connections = 0
        var requests: [Request] = []
        var waiters: [(count: Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let reply: @Sendable (Request, Int) -> Reply
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    /// - Parameter reply: the answer to a request; it gets the request and the number of those before it.
    init(
        host: String = "127.0.0.1", port: Int = 0, tls: NIOSSLContext? = nil,
        reply: @escaping @Sendable (Request, Int) -> Reply = { _, _ in .status(200) }
    )
        async throws
    {
        self.reply = reply
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [weak self] channel in
                self?.state.withLock { $0.connections += 1 }
                return channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    if let self { try channel.pipeline.syncOperations.addHandler(Handler(receiver: self)) }
                }
            }
            .bind(host: host, port: port).get()
        channel.withLock { $0 = bound }
    }

    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
    var url: String { "http://127.0.0.1:\(port)/hook" }
    var connections: Int { state.withLock { $0.connections } }
    var requests: [Request] { state.withLock { $0.requests } }

    func close() async throws {
        try await channel.withLock { $0 }?.close()
    }

    /// Waits until so many requests were received.
    func received(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.requests.count < count { state.waiters.append((count, continuation)) }
                return state.requests.count >= count
            }
            if isThere { continuation.resume() }
        }
    }

    private func store(_ request: Request) -> Reply {
        let (number, ready) = state.withLock { state in
            state.requests.append(request)
            let ready = state.waiters.filter { $0.count <= state.requests.count }
            state.waiters.removeAll { $0.count <= state.requests.count }
            return (state.requests.count - 1, ready.map(\.1))
        }
        for waiter in ready { waiter.resume() }
        return reply(request, number)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        let receiver: Receiver
        private var request: Request?

        init(receiver: Receiver) {
            self.receiver = receiver
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = Request(head: head, body: "")
            case .body(let part): request?.body += String(buffer: part)
            case .end:
                guard let request, case .status(let code, let headers, let bytes) = receiver.store(request) else { return }
                var fields = HTTPHeaders(headers)
                fields.add(name: "Content-Length", value: String(bytes))
                let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: code), headers: fields)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(repeating: 0x78, count: bytes)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
