import DequeModule
import MailModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// The connections to one server that carry small requests, one at a time each, and stay open between them.
///
/// For requests of which there are thousands a second: AsyncHTTPClient takes several tasks and state machines for each, here it is a continuation
/// and a write on an event loop.
final class ConnectionPool: Sendable {
    private struct State {
        /// The idle connections by event loop; the last used at the end, so that others expire when there is less to do.
        var idle: [ObjectIdentifier: [any Channel]] = [:]
        /// Those that are open or being opened.
        var open = 0
        var waiting: Deque<HTTPCall> = []
        var isClosed = false

        mutating func popIdle(on loop: any EventLoop) -> (any Channel)? {
            if let channel = idle[ObjectIdentifier(loop)]?.popLast() { return channel }
            for key in idle.keys {
                if let channel = idle[key]?.popLast() { return channel }
            }
            return nil
        }

        mutating func popWaiting() -> HTTPCall? {
            while let call = waiting.popFirst() {
                if !call.isOver { return call }
            }
            return nil
        }
    }

    private enum Step {
        case use(any Channel)
        case connect
        case wait
        case refuse
    }

    private let url: WebURL
    private let tls: NIOSSLContext?
    private let limit: Int
    private let connectTimeout: TimeAmount
    private let state = Mutex(State())

    /// - Parameters:
    ///   - url: of the server; its path is not used.
    ///   - limit: the most open connections; more calls wait.
    ///   - connectTimeout: for the connection, and for the TLS handshake.
    /// - Throws: an error of TLS where the machine has no CA certificates.
    init(to url: WebURL, limit: Int, connectTimeout: TimeAmount) throws {
        self.url = url
        self.limit = limit
        self.connectTimeout = connectTimeout
        tls = url.scheme == "https" ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
    }

    /// The event loop of this thread, or any other one.
    private static var loop: any EventLoop {
        MultiThreadedEventLoopGroup.currentEventLoop ?? MultiThreadedEventLoopGroup.singleton.any()
    }

    /// Sends a request and returns the whole answer.
    func exchange(
        _ request: OutgoingRequest, to target: String, timeout: TimeAmount, maximumBytes: Int
    ) async -> Result<HTTPAnswer, HTTPFailure> {
        let call = HTTPCall(request, to: target, host: url.authority, maximumBytes: maximumBytes)
        return await call.wait { call in
            Self.loop.scheduleTask(in: timeout) { call.fail("timed out") }
        } start: { call in
            start(call)
        }
    }

    private func start(_ call: HTTPCall) {
        let loop = Self.loop
        let step = state.withLock { state -> Step in
            if state.isClosed { return .refuse }
            if let channel = state.popIdle(on: loop) { return .use(channel) }
            guard state.open < limit else {
                state.waiting.append(call)
                return .wait
            }
            state.open += 1
            return .connect
        }
        switch step {
        case .use(let channel): send(call, on: channel)
        case .connect: connect(for: call, on: loop)
        case .wait: break
        case .refuse: call.fail("the client is shut down")
        }
    }

    /// Sends a call; on another connection where this one was closed in the meantime.
    private func send(_ call: HTTPCall, on channel: any Channel) {
        let isTaken = channel.eventLoop.makePromise(of: Void.self)
        isTaken.futureResult.whenFailure { _ in self.start(call) }
        channel.writeAndFlush(call, promise: isTaken)
    }

    private func connect(for call: HTTPCall, on loop: any EventLoop) {
        let ready = loop.makePromise(of: Void.self)
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(connectTimeout).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try self.configure(channel, ready: ready) }
        }
        bootstrap.connect(host: url.host, port: url.port ?? (tls == nil ? 80 : 443)).whenComplete { result in
            switch result {
            case .success(let channel): self.use(channel, when: ready.futureResult, for: call)
            case .failure(let error):
                ready.fail(error)
                self.didNotOpen()
                call.fail(String(describing: type(of: error)))
            }
        }
    }

    private func configure(_ channel: any Channel, ready: EventLoopPromise<Void>) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            // A number is checked against the certificate by the address of the connection.
            let name = IPAddress(url.host) == nil ? url.host : nil
            try pipeline.addHandler(try NIOSSLClientHandler(context: tls, serverHostname: name))
        }
        try pipeline.addHTTPClientHandlers()
        try pipeline.addHandler(HTTPCallHandler(pool: self, usesTLS: tls != nil, ready: ready))
    }

    /// Sends the call that the connection was opened for, behind the TLS handshake: what fails before was not sent.
    private func use(_ channel: any Channel, when ready: EventLoopFuture<Void>, for call: HTTPCall) {
        let deadline = channel.eventLoop.scheduleTask(in: connectTimeout) { channel.close(promise: nil) }
        ready.whenComplete { result in
            deadline.cancel()
            switch result {
            case .success: self.send(call, on: channel)
            case .failure(let error):
                call.fail(String(describing: type(of: error)))
                channel.close(promise: nil)
            }
        }
    }

    /// Takes a connection that has no call any more: the next one that waits is sent on it.
    func release(_ channel: any Channel) {
        let (next, isClosed) = state.withLock { state -> (HTTPCall?, Bool) in
            if state.isClosed { return (nil, true) }
            if let call = state.popWaiting() { return (call, false) }
            state.idle[ObjectIdentifier(channel.eventLoop), default: []].append(channel)
            return (nil, false)
        }
        if isClosed { channel.close(promise: nil) }
        // Behind what is under way on this loop, as the handler may be in the middle of it.
        if let next { channel.eventLoop.execute { self.send(next, on: channel) } }
    }

    /// Takes a connection out of the idle ones, for it to be closed.
    ///
    /// - Returns: false where a call has taken it.
    func takeIdle(_ channel: any Channel) -> Bool {
        state.withLock { state in
            let loop = ObjectIdentifier(channel.eventLoop)
            guard let index = state.idle[loop]?.firstIndex(where: { $0 === channel }) else { return false }
            state.idle[loop]?.remove(at: index)
            return true
        }
    }

    /// A connection was closed.
    func didClose(_ channel: any Channel) {
        _ = takeIdle(channel)
        didNotOpen()
    }

    /// A connection is not open any more, or could not be opened: the next call that waits gets another one.
    private func didNotOpen() {
        let next = state.withLock { state -> HTTPCall? in
            state.open -= 1
            return state.popWaiting()
        }
        if let next { start(next) }
    }

    /// Closes the connections; those that carry a call close behind its answer.
    func shutdown() async {
        let (channels, waiting) = state.withLock { state -> ([any Channel], Deque<HTTPCall>) in
            defer { (state.isClosed, state.idle, state.waiting) = (true, [:], []) }
            return (state.idle.values.flatMap(\.self), state.waiting)
        }
        for call in waiting { call.fail("the client is shut down") }
        for channel in channels { try? await channel.close() }
    }
}
