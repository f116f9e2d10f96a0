import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A relay on this machine that accepts messages, and misbehaves where its script says so.
final class ScriptedRelay: Sendable {
    /// What the relay does on a command that begins with the script's key; `CONTENT` is the end of a message.
    enum Step: Sendable {
        case reply(String)
        /// Sends a line, and closes the connection.
        case leave(String = "")
        case silence
    }

    private struct State {
        var connections = 0
        var lines: [String] = []
        var messages: [String] = []
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)
    let script: [String: Step]
    let tls: NIOSSLContext?
    /// The answer to the second `MAIL` of a session.
    let refusesSecond: String?

    /// - Parameter tls: used from the first byte, unless the script has `STARTTLS`.
    init(_ script: [String: Step] = [:], tls: NIOSSLContext? = nil, refusesSecond: String? = nil) async throws {
        self.refusesSecond = refusesSecond
        self.script = script
        self.tls = tls
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                self.state.withLock { $0.connections += 1 }
                return channel.eventLoop.makeCompletedFuture {
                    if let tls, script["STARTTLS"] == nil {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(RelayHandler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
    var connections: Int { state.withLock { $0.connections } }
    /// The lines of clients, without the content of messages.
    var lines: [String] { state.withLock { $0.lines } }
    var messages: [String] { state.withLock { $0.messages } }

    func close() async throws {
        try await channel.withLock { $0 }?.close()
    }

    fileprivate func note(line: String) { state.withLock { $0.lines.append(line) } }
    fileprivate func note(message: String) { state.withLock { $0.messages.append(message) } }
}

/// One client's connection.
private final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let relay: ScriptedRelay
    private var text = ""
    private var content: String?
    private var mails = 0

    init(_ relay: ScriptedRelay) {
        self.relay = relay
    }

    func channelActive(context: ChannelHandlerContext) {
        perform("GREETING", or: "220 relay.example ESMTP", context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        while let end = text.range(of: "\r\n") {
            let line = String(text[..<end.lowerBound])
            text.removeSubrange(..<end.upperBound)
            if content == nil { take(command: line, context) } else { take(content: line, context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func take(command line: String, _ context: ChannelHandlerContext) {
        relay.note(line: line)
        switch line.split(separator: " ").first.map(String.init) ?? "" {
        case "EHLO": perform("EHLO", or: "250 relay.example", context)
        case "STARTTLS":
            perform("STARTTLS", or: "502 no", context)
            if let tls = relay.tls { try? context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first) }
        case "DATA":
            content = ""
            perform("DATA", or: "354 go on", context)
        case "MAIL":
            mails += 1
            perform("MAIL", or: mails == 2 ? relay.refusesSecond ?? "250 ok" : "250 ok", context)
        case let command: perform(command, or: command == "AUTH" ? "235 ok" : "250 ok", context)
        }
    }

    private func take(content line: String, _ context: ChannelHandlerContext) {
        guard line == "." else {
            content? += line + "\r\n"
            return
        }
        relay.note(message: content ?? "")
        content = nil
        perform("CONTENT", or: "250 2.0.0 queued", context)
    }

    private func perform(_ command: String, or reply: String, _ context: ChannelHandlerContext) {
        switch relay.script[command] ?? .reply(reply) {
        case .reply(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
        case .leave(let text):
            if !text.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil) }
            context.close(promise: nil)
        case .silence: break
        }
    }
}
