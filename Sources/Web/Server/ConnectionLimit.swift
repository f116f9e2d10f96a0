import Concurrency
package import HummingbirdCore
import Logging
import MailModel
import NIOCore
import Synchronization

/// The bound of open connections, which leaves descriptors for the database and for what goes out (specification 13.5).
///
/// One address has at most half of what the others leave, but for this machine and for the proxies in front, behind which all clients are.
/// A connection beyond that is closed at once: left unaccepted, it would wait for its time-out.
package final class ConnectionLimit: Sendable {
    private struct State: Sendable {
        var shares: FairShares<String>
        var refused = 0
        var reportedAt: ContinuousClock.Instant?
    }

    /// The least time between two lines in the log about refused connections.
    private static let reportInterval: Duration = .seconds(10)

    private let maximum: Int
    private let proxies: TrustedProxies
    private let state: Mutex<State>

    /// - Parameters:
    ///   - maximum: the most open connections.
    ///   - proxies: whose connections are those of many clients.
    package init(_ maximum: Int, proxies: TrustedProxies) {
        self.maximum = maximum
        self.proxies = proxies
        state = Mutex(State(shares: FairShares(capacity: maximum)))
    }

    /// The number of open connections.
    package var count: Int { state.withLock { $0.shares.total } }

    /// Counts a connection, unless there are too many.
    ///
    /// - Parameter address: of the client; `nil` for a unix socket.
    /// - Returns: for whom it is counted; `nil` where it is to be closed.
    package func enter(from address: String?) -> String? {
        let holder = address.map(IPAddress.client(of:)) ?? "local"
        let isShared = address.flatMap { IPAddress($0) }.map { $0.unmapped.isLoopback || proxies.isTrusted($0) } ?? true
        return state.withLock { state in
            if isShared ? state.shares.total < maximum : state.shares.available(to: holder) > 0 {
                state.shares.add(1, to: holder)
                return holder
            }
            state.refused += 1
            return nil
        }
    }

    /// Ends the counting of a connection.
    ///
    /// - Parameter holder: as ``enter(from:)`` has returned it.
    package func leave(_ holder: String) {
        state.withLock { $0.shares.release(1, of: holder) }
    }

    /// Logs how many connections were refused, from time to time.
    fileprivate func report(to logger: Logger) {
        let refused = state.withLock { state -> Int? in
            let now = ContinuousClock.now
            if let last = state.reportedAt, now - last < Self.reportInterval { return nil }
            defer { (state.refused, state.reportedAt) = (0, now) }
            return state.refused
        }
        guard let refused else { return }
        logger.warning(
            "Connections were closed: there are too many", metadata: ["http.connections": "\(maximum)", "http.refused": "\(refused)"])
    }
}

extension IPAddress {
    fileprivate var isLoopback: Bool {
        switch self {
        case .v4(let bits): bits >> 24 == 127
        case .v6(let bits): bits == 1
        }
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 with a bound of connections, of which each reads ahead little.
    ///
    /// - Parameter direct: the routes that answer some requests without a task; `nil` for none.
    package static func http1(
        configuration: HTTP1Channel.Configuration, limit: ConnectionLimit, direct: DirectRoutes? = nil
    ) -> HTTPServerBuilder {
        HTTPServerBuilder {
            LimitedHTTPChannel(base: HTTP1Channel(responder: $0, configuration: configuration), limit: limit, direct: direct)
        }
    }
}

/// A connection of HTTP/1.1 that is closed where there are too many.
private struct LimitedHTTPChannel: ServerChildChannel {
    /// The most bytes of a read.
    ///
    /// A connection is read a few of them ahead of its request.
    private static let largestRead = 16 << 10

    let base: HTTP1Channel
    let limit: ConnectionLimit
    let direct: DirectRoutes?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        try? channel.syncOptions?.setOption(
            .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2048, maximum: Self.largestRead))
        return base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            guard let direct else { return value }
            // Behind the handler that counts requests, for idle connections and for shutting down.
            let pipeline = channel.pipeline.syncOperations
            let counting = try pipeline.handler(type: HTTPConnectionStateHandler.self)
            try pipeline.addHandler(DirectHandler(direct), position: .after(counting))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        guard let holder = limit.enter(from: value.channel.remoteAddress?.ipAddress) else {
            limit.report(to: logger)
            try? await value.executeThenClose { _, _ in }
            return
        }
        defer { limit.leave(holder) }
        await base.handle(value: value, logger: logger)
    }
}
