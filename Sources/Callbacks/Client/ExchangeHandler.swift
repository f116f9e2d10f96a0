import NIOCore
import NIOHTTP1

/// A request and its answer on one connection.
struct Exchange: Sendable {
    var head: HTTPRequestHead
    var body: ByteBuffer
    /// When the answer has to be complete.
    var deadline: NIODeadline
    /// The status of the answer.
    var status: EventLoopPromise<Int>
}

/// Speaks HTTP/1.1 on one connection, one exchange at a time.
///
/// The status completes the exchange. The rest of the answer is only read so that the connection can be used again: up to ``largestBody``,
/// and until the deadline.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    /// The most bytes of an answer's body that are read (specification 7.2).
    static let largestBody = 64 * 1024

    private enum State {
        case idle
        case waiting(Exchange, Scheduled<Void>)
        case draining(read: Int, keepsAlive: Bool, Scheduled<Void>)
    }

    private var state = State.idle
    /// The answer's status, which is reported when all bytes that came with it are read: a short answer leaves the connection idle by then.
    private var answer: (status: Int, EventLoopPromise<Int>)?
    private let onIdle: @Sendable (any Channel) -> Void

    /// - Parameter onIdle: called when the connection is free again.
    init(onIdle: @escaping @Sendable (any Channel) -> Void) {
        self.onIdle = onIdle
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        let timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: exchange.deadline) { [channel = context.channel] in
            self.fail(.timedOut)
            channel.close(promise: nil)
        }
        state = .waiting(exchange, timer)
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(exchange.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .waiting(let exchange, let timer)):
            // An interim answer (RFC 9110 section 15.2).
            guard head.status.code >= 200 || head.status.code == 101 else { return }
            state = .draining(read: 0, keepsAlive: head.isKeepAlive, timer)
            answer = (Int(head.status.code), exchange.status)
        case (.body(let part), .draining(let read, let keepsAlive, let timer)):
            state = .draining(read: read + part.readableBytes, keepsAlive: keepsAlive, timer)
            if read + part.readableBytes > Self.largestBody { context.close(promise: nil) }
        case (.end, .draining(_, let keepsAlive, let timer)):
            timer.cancel()
            state = .idle
            if keepsAlive { onIdle(context.channel) } else { context.close(promise: nil) }
        default:
            // An unsolicited answer.
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        reportStatus()
        context.fireChannelReadComplete()
    }

    private func reportStatus() {
        guard let (status, promise) = answer else { return }
        answer = nil
        promise.succeed(status)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(CallbackFailure(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(CallbackFailure(.transient, "the connection was closed without an answer"))
        context.fireChannelInactive()
    }

    private func fail(_ failure: CallbackFailure) {
        reportStatus()
        switch state {
        case .idle: break
        case .waiting(let exchange, let timer):
            timer.cancel()
            exchange.status.fail(failure)
        case .draining(_, _, let timer): timer.cancel()
        }
        state = .idle
    }
}
