import DequeModule
import Hummingbird
import NIOCore
import NIOHTTPTypes

/// Answers the requests of ``DirectRoutes`` on the event loop, and passes all others on to the server.
///
/// Only requests are taken that have come in whole by the end of a read, so it holds no memory for those that come slowly. Answers keep the order
/// of their requests: while one is being made, what comes behind it waits, and nothing further is read; while the server has requests to
/// answer, all others are the server's as well.
final class DirectHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum State {
        /// Requests are passed on.
        case passing
        /// A request that may be answered directly is coming in.
        case collecting(HTTPRequest, DirectRoutes.Match, ByteBuffer)
        /// A request is being answered.
        case answering
    }

    private let routes: DirectRoutes
    private var state = State.passing
    /// The requests that were passed on and are not answered yet.
    private var passed = 0
    /// What has come in behind the request that is being answered.
    private var waiting = Deque<HTTPRequestPart>()
    private var isReadHeldBack = false

    init(_ routes: DirectRoutes) {
        self.routes = routes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        receive(unwrapInboundIn(data), context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        passCollected(context)
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if case .answering = state { isReadHeldBack = true } else { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { passed -= 1 }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        waiting.removeAll()
        context.fireChannelInactive()
    }

    private func receive(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.answering, _):
            waiting.append(part)
        case (.passing, .head(let head)):
            if passed == 0, let match = routes.match(head) {
                state = .collecting(head, match, ByteBuffer())
            } else {
                pass(part, context)
            }
        case (.passing, _):
            pass(part, context)
        case (.collecting(let head, let match, var body), .body(var chunk)):
            if body.readableBytes == 0 { body = chunk } else { body.writeBuffer(&chunk) }
            state = .collecting(head, match, body)
        case (.collecting(let head, let match, let body), .end):
            begin(head, match, body, context)
        case (.collecting, .head):
            passCollected(context)
            pass(part, context)
        }
    }

    private func begin(_ head: HTTPRequest, _ match: DirectRoutes.Match, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        state = .answering
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let isBegun = routes.begin(head, match, body, on: context.channel) { response, body in
            let (handler, context) = bound.value
            handler.finish(response, body, context)
        }
        guard !isBegun else { return }
        state = .collecting(head, match, body)
        passCollected(context)
        pass(.end(nil), context)
    }

    private func finish(_ response: HTTPResponse, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        state = .passing
        receiveWaiting(context)
    }

    /// Goes on with what has come in behind the answered request.
    private func receiveWaiting(_ context: ChannelHandlerContext) {
        var hasReceived = false
        while let part = waiting.first {
            if case .answering = state { return }
            waiting.removeFirst()
            hasReceived = true
            receive(part, context)
        }
        if case .answering = state { return }
        // The rest of a request that is not whole yet comes with another read.
        passCollected(context)
        if hasReceived { context.fireChannelReadComplete() }
        guard isReadHeldBack else { return }
        isReadHeldBack = false
        context.read()
    }

    /// Passes on what has come in of a request.
    private func passCollected(_ context: ChannelHandlerContext) {
        guard case .collecting(let head, _, let body) = state else { return }
        state = .passing
        pass(.head(head), context)
        if body.readableBytes > 0 { pass(.body(body), context) }
    }

    private func pass(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        if case .head = part { passed += 1 }
        context.fireChannelRead(wrapInboundOut(part))
    }
}
