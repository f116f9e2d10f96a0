import DNS
import NIOCore
import NIOPosix

/// A small DNS server on a UDP port of its own.
struct NameServer {
    /// What it answers to a question; `nil`: nothing at all.
    typealias Table = @Sendable (_ name: String, _ type: UInt16) -> (records: [[UInt8]], code: Int)?

    let port: Int

    var address: Nameserver? { Nameserver("127.0.0.1:\(port)") }

    static func run<Value>(_ table: @escaping Table, _ body: (NameServer) async throws -> Value) async throws -> Value {
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(table: table)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let value: Value
        do {
            value = try await body(NameServer(port: channel.localAddress?.port ?? 0))
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
        return value
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>

        private let table: Table

        init(table: @escaping Table) {
            self.table = table
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            let bytes = Array(envelope.data.readableBytesView)
            var reader = DNSReader(bytes, at: 12)
            guard let name = try? reader.name(), let type = try? reader.uint16(), let found = table(name, type) else { return }
            let answer = Packet.answer(to: name, type: type, records: found.records, code: found.code, id: Array(bytes[..<2]))
            context.writeAndFlush(
                wrapOutboundOut(AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))), promise: nil)
        }
    }
}
