import ArgumentParser
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOPosix

/// The servers that `make bench` compares with: they read a request with its body, do nothing, and answer.
@main
struct Yardsticks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "yardsticks", abstract: "Servers that do nothing, to compare with.",
        subcommands: [HummingbirdServer.self, NIOServer.self])
}

/// What both servers answer: an object of the size of an answer to `POST /emails`.
let answer = ByteBuffer(string: #"{"data": ""# + String(repeating: "x", count: 480) + #""}"#)

struct ListenOptions: ParsableArguments {
    @Option(help: "The port on 127.0.0.1.")
    var port: Int
}

/// A router of Hummingbird with one route, as far as its users go without measures of their own.
struct HummingbirdServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hummingbird", abstract: "Collects a body and answers it.")

    @OptionGroup var listen: ListenOptions

    func run() async throws {
        let router = Router()
        router.post("/") { request, context in
            _ = try await request.body.collect(upTo: 64 * 1024)
            return Response(status: .accepted, headers: [.contentType: "application/json"], body: .init(byteBuffer: answer))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: listen.port)))
        try await application.runService()
    }
}

/// A channel handler of SwiftNIO behind its HTTP decoder: what is possible without tasks.
struct NIOServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "nio", abstract: "Answers in a channel handler.")

    @OptionGroup var listen: ListenOptions

    func run() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(AnsweringHandler())
                }
            }
            .bind(host: "127.0.0.1", port: listen.port).get()
        try await server.closeFuture.get()
    }
}

/// Reads a request and its body to the end, and answers 202.
final class AnsweringHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let fields: HTTPHeaders = ["content-type": "application/json", "content-length": String(answer.readableBytes)]

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .accepted, headers: Self.fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(answer))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
