import NIOCore
import NIOSSL
import NIOTLS

/// The server had closed the session before it answered to a further message: it has not accepted the message, and has not refused it.
struct SessionWasOver: Error {}

/// Executes the actions of ``SMTPDialogue`` on one connection, one message at a time.
final class SessionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = OutboundMessage
    typealias OutboundOut = ByteBuffer

    /// How long a session is kept.
    ///
    /// Servers must wait five minutes before they close one (RFC 5321 section 4.5.3.2.7), but many do not.
    private static let longestIdle = TimeAmount.seconds(20)

    private var dialogue: SMTPDialogue
    private var replies = SMTPReplyParser()
    private let makeTLS: @Sendable () throws -> NIOSSLClientHandler
    private let onIdle: @Sendable (any Channel) -> Void
    private var message: OutboundMessage?
    private var timer: Scheduled<Void>?
    private var isUpgrading = false
    /// Whether a message that is not the session's first has no answer yet.
    private var isReused = false

    /// - Parameters:
    ///   - first: the message for which the session is opened.
    ///   - onIdle: called when the session can take another message.
    init(
        _ dialogue: SMTPDialogue, first: OutboundMessage, tls: @escaping @Sendable () throws -> NIOSSLClientHandler,
        onIdle: @escaping @Sendable (any Channel) -> Void
    ) {
        self.dialogue = dialogue
        message = first
        makeTLS = tls
        self.onIdle = onIdle
    }

    func channelActive(context: ChannelHandlerContext) {
        if let message { closes(context, at: message.deadline, because: "the server did not answer in time") }
        context.fireChannelActive()
    }

    /// Begins a further message in a session that is ready.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let message = unwrapOutboundIn(data)
        promise?.succeed()
        // The server may have closed it meanwhile.
        guard dialogue.isReady else { return message.isAccepted.fail(SessionWasOver()) }
        self.message = message
        isReused = true
        closes(context, at: message.deadline, because: "the server did not answer in time")
        begin(message, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(SMTPReplyParser.Malformed) {
            isReused = false
            for reply in try replies.feed(unwrapInboundIn(data).readableBytesView) { perform(dialogue.received(reply), context) }
        } catch {
            fail(dialogue.disconnected("the server does not speak SMTP: \(error.explanation)"), context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // With TLS from the first byte, the greeting is next.
        if case .handshakeCompleted? = event as? TLSUserEvent, isUpgrading {
            isUpgrading = false
            perform(dialogue.tlsStarted(), context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isReused { message?.isAccepted.fail(SessionWasOver()) }
        fail(SMTPFailure(connecting: error) ?? dialogue.disconnected("the connection broke: \(error)"), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isReused { message?.isAccepted.fail(SessionWasOver()) }
        fail(dialogue.disconnected("the server closed the connection"), context)
        context.fireChannelInactive()
    }

    private func perform(_ action: SMTPDialogue.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let line): send(context.channel.allocator.buffer(string: line + "\r\n"), context)
        case .sendContent: if let message { send(message.content, context) }
        case .startTLS: startTLS(context)
        case .ready: if let message { begin(message, context) }
        case .accepted: settle(context)
        case .fail(let failure): fail(failure, context)
        }
    }

    private func begin(_ message: OutboundMessage, _ context: ChannelHandlerContext) {
        perform(dialogue.begin(from: message.sender, to: message.recipient), context)
    }

    private func send(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    private func startTLS(_ context: ChannelHandlerContext) {
        // Otherwise, plain text that was injected after the reply would count as received under TLS (CVE-2011-0411).
        guard replies.isEmpty else { return fail(SMTPFailure(.closedToUs, "plain text behind the reply to STARTTLS"), context) }
        do {
            isUpgrading = true
            try context.pipeline.syncOperations.addHandler(try makeTLS(), position: .first)
        } catch {
            fail(SMTPFailure(.closedToUs, "TLS cannot begin: \(error)"), context)
        }
    }

    private func settle(_ context: ChannelHandlerContext) {
        let isAccepted = message?.isAccepted
        message = nil
        closes(context, at: .now() + Self.longestIdle, because: "idle")
        // First, so that the session is available when the caller continues.
        onIdle(context.channel)
        isAccepted?.succeed()
    }

    private func fail(_ failure: SMTPFailure, _ context: ChannelHandlerContext) {
        timer?.cancel()
        message?.isAccepted.fail(failure)
        message = nil
        context.close(promise: nil)
    }

    private func closes(_ context: ChannelHandlerContext, at time: NIODeadline, because reason: String) {
        timer?.cancel()
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer = context.value.eventLoop.assumeIsolated().scheduleTask(deadline: time) {
            self.fail(self.dialogue.disconnected(reason), context.value)
        }
    }
}
