import NIOCore

/// Closes a connection on which no whole request came and no answer went for too long.
///
/// It stands behind the decoder, with the handler that measures: bytes that never become a request keep no connection open.
final class CloseWhenIdle: ChannelInboundHandler {
    typealias InboundIn = PolicyRequest

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
