import NIOCore
import NIOHTTP1
import NIOTLS

/// A connection of a pool: sends one call at a time, and reads its answer.
final class HTTPCallHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPCall
    typealias OutboundOut = HTTPClientRequestPart

    /// Shorter than servers keep an idle connection, so that few requests are sent on one that is being closed: their outcome is unknown.
    private static let longestIdle = TimeAmount.seconds(15)

    private let pool: ConnectionPool
    private let usesTLS: Bool
    /// Succeeds when calls can be sent.
    private let ready: EventLoopPromise<Void>
    private var call: HTTPCall?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var idleSince = NIODeadline.now()
    private var timer: RepeatedTask?

    init(pool: ConnectionPool, usesTLS: Bool, ready: EventLoopPromise<Void>) {
        self.pool = pool
        self.usesTLS = usesTLS
        self.ready = ready
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(5), delay: .seconds(5)) { _ in
            bound.value.handler.closeIfIdle(bound.value.context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        ready.fail(ChannelError.ioOnClosedChannel)
    }

    private func closeIfIdle(_ context: ChannelHandlerContext) {
        guard call == nil, NIODeadline.now() - idleSince > Self.longestIdle, pool.takeIdle(context.channel) else { return }
        context.close(promise: nil)
    }

    func channelActive(context: ChannelHandlerContext) {
        if !usesTLS { ready.succeed() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { ready.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard context.channel.isActive, call == nil else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        promise?.succeed()
        let call = unwrapOutboundIn(data)
        guard call.begin(on: context.channel) else { return pool.release(context.channel) }
        self.call = call
        context.write(wrapOutboundOut(.head(call.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(call.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let call else { return context.close(promise: nil) }
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let bytes):
            guard body.count + bytes.readableBytes <= call.maximumBytes else { return call.fail("too large", isTooLarge: true) }
            body.append(contentsOf: bytes.readableBytesView)
        case .end: finish(call, context)
        }
    }

    private func finish(_ call: HTTPCall, _ context: ChannelHandlerContext) {
        guard let head else { return }
        let answer = HTTPAnswer(
            status: Int(head.status.code), body: body, errorType: head.headers.first(name: "x-amzn-ErrorType"))
        (self.call, self.head, body) = (nil, nil, [])
        idleSince = .now()
        if head.isKeepAlive { pool.release(context.channel) } else { context.close(promise: nil) }
        call.finish(answer)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ready.fail(error)
        call?.fail(String(describing: type(of: error)))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ready.fail(ChannelError.eof)
        call?.fail("the connection was closed")
        call = nil
        pool.didClose(context.channel)
        context.fireChannelInactive()
    }
}
