import Foundation
import Logging
import MailModel
import NIOCore
import NIOPosix
import PolicyServer
import ServiceLifecycle

/// A running server with one domain behind it.
struct ServerUnderTest: Sendable {
    let policy: PolicyUnderTest
    let address: PolicyAddress
    let group: ServiceGroup

    func connect() async throws -> PolicyClient {
        try await PolicyClient(address)
    }

    func shutDown() {
        Task { await group.triggerGracefulShutdown() }
    }
}

func withServer(
    isUnix: Bool = false, change: (inout PolicyDaemon.Configuration) -> Void = { _ in },
    configure: @escaping @Sendable (inout SendingDomain) -> Void = { _ in }, _ body: (ServerUnderTest) async throws -> Void
) async throws {
    var configuration = PolicyDaemon.Configuration()
    change(&configuration)
    let address = isUnix ? PolicyAddress.unix(path: temporaryPath()) : .tcp(host: "127.0.0.1", port: try await freePort())
    try await withPolicy(configure: configure) { policy in
        let (listening, continuation) = AsyncStream<Void>.makeStream()
        let server = PolicyDaemon(
            address, service: policy.service, configuration: configuration, logger: quietLogger, onListening: { continuation.finish() })
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: quietLogger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in listening {}
            try await body(ServerUnderTest(policy: policy, address: address, group: group))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

/// A connection of a mail server.
struct PolicyClient: Sendable {
    private let channel: any Channel
    private let received: AsyncStream<String>

    init(_ address: PolicyAddress) async throws {
        let (received, continuation) = AsyncStream<String>.makeStream()
        self.received = received
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Receiver(continuation))
                }
            }
        switch address {
        case .tcp(let host, let port): channel = try await bootstrap.connect(host: host, port: port).get()
        case .unix(let path): channel = try await bootstrap.connect(unixDomainSocketPath: path).get()
        }
    }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncStream<String>.Continuation

        init(_ continuation: AsyncStream<String>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(String(buffer: unwrapInboundIn(data)))
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.finish()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Waits for so many answers; returns fewer when the connection ends before.
    func answers(_ count: Int) async -> String {
        var text = ""
        for await piece in received {
            text += piece
            if text.split(separator: "\n").count >= count, text.hasSuffix("\n\n") { break }
        }
        return text
    }

    /// Returns all that is received until the server closes.
    func everything() async -> String {
        await received.reduce(into: "") { $0 += $1 }
    }

    func closeOutput() async throws {
        try await channel.close(mode: .output)
    }

    func close() async throws {
        try await channel.close()
    }
}

func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.appending(path: "martlet-policy-\(UInt64.random(in: 0...UInt64.max))").path
}

/// A port that was free a moment ago.
func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port
    try await channel.close()
    return port ?? 0
}
