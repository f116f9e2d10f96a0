package import DNS
import MailModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The HTTP client of callbacks: connects to checked addresses only, follows no redirects and uses no proxies, within a bounded time
/// (specification 7.2).
///
/// A client of our own, because the address that is connected to has to be the one that was checked: clients that take a URL resolve the
/// name themselves, and it may resolve to another address a moment after the check (DNS rebinding). Here a name is resolved once, all of
/// its addresses are checked, and the connection is opened to one of them by number.
package final class CallbackClient: Sendable {
    private static let mostAddresses = 3
    private static let longestConnect = TimeAmount.seconds(5)
    /// The system's resolver asks a second time after five seconds.
    private static let longestLookup = TimeAmount.seconds(8)

    private let policy: AddressPolicy
    private let timeout: TimeAmount
    private let resolver: NameResolver
    /// A failure where the machine has no CA certificates: only http is possible then.
    private let tls: Result<NIOSSLContext, any Error>
    private let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    private let idle = IdleConnections()

    /// - Parameters:
    ///   - policy: the addresses that are allowed.
    ///   - nameserver: asked for names in place of the system's; `nil` for the system's.
    ///   - timeout: the time of an attempt, from the resolution of the name to the head of the answer.
    package convenience init(policy: AddressPolicy, nameserver: Nameserver? = nil, timeout: Duration = .seconds(15)) {
        let resolver = nameserver.map { NameResolver(lookup: NameResolver.asking($0)) } ?? NameResolver()
        self.init(policy: policy, timeout: timeout, resolver: resolver, tls: .makeClientConfiguration())
    }

    init(policy: AddressPolicy, timeout: Duration, resolver: NameResolver, tls: TLSConfiguration) {
        self.policy = policy
        self.timeout = .milliseconds(timeout.milliseconds)
        self.resolver = resolver
        self.tls = Result { try NIOSSLContext(configuration: tls) }
    }

    /// Posts a body, and returns the status of the answer.
    ///
    /// - Parameter account: for which it is called; slow names of others do not delay it.
    func post(
        _ url: WebURL, headers: [(name: String, value: String)], body: [UInt8], for account: Int64 = 0
    ) async throws(CallbackFailure) -> Int {
        do {
            return try await call(url, headers, ByteBuffer(bytes: body), for: account)
        } catch {
            throw CallbackFailure(error)
        }
    }

    private func call(
        _ url: WebURL, _ headers: [(name: String, value: String)], _ body: ByteBuffer, for account: Int64
    ) async throws -> Int {
        if let reason = policy.refusal(of: url) { throw CallbackFailure(.refused, reason) }
        let deadline = NIODeadline.now() + timeout
        let addresses = try await checkedAddresses(of: url, for: account, until: deadline)
        let head = head(of: url, headers, length: body.readableBytes)
        let exchange: (any Channel) async throws -> Int = { channel in
            try await self.exchange(head, body, on: channel, until: deadline)
        }
        if let channel = idle.checkOut(.init(url), to: addresses) {
            do {
                return try await exchange(channel)
            } catch let failure as CallbackFailure where failure != .timedOut && failure != .abandoned {
                // The receiver may have closed it while it was idle. If it has processed the callback, it sees the same id again.
            }
        }
        return try await exchange(try await connect(url, addresses, until: deadline))
    }

    /// Returns the addresses of the host, all of which are allowed: a name that resolves to private and public addresses is suspect.
    private func checkedAddresses(of url: WebURL, for account: Int64, until deadline: NIODeadline) async throws -> [IPAddress] {
        let loop = group.any()
        let addresses = try await resolver.addresses(of: url.host, for: account, on: loop)
            .value(until: min(deadline, .now() + Self.longestLookup))
        if let reason = addresses.lazy.compactMap(policy.refusal(of:)).first { throw CallbackFailure(.transient, reason) }
        return addresses
    }

    private func connect(_ url: WebURL, _ addresses: [IPAddress], until deadline: NIODeadline) async throws -> any Channel {
        var failure: any Error = CallbackFailure.timedOut
        for address in addresses.prefix(Self.mostAddresses) where deadline > .now() {
            do {
                return try await connect(url, address, until: deadline)
            } catch let error as CallbackFailure {
                throw error
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func connect(_ url: WebURL, _ address: IPAddress, until deadline: NIODeadline) async throws -> any Channel {
        let key = IdleConnections.Key(url)
        return try await ClientBootstrap(group: group)
            .connectTimeout(min(Self.longestConnect, deadline - .now()))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [tls, idle] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if key.scheme == "https" {
                        // Where the host is an address, the certificate has to be for the address.
                        let name = IPAddress(literal: key.host) == nil ? key.host : nil
                        guard let context = try? tls.get() else { throw CallbackFailure.noCACertificates }
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
                    }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(ExchangeHandler { idle.checkIn($0, key, to: address) })
                }
            }
            .connect(to: try address.socketAddress(port: key.port))
            .value(until: deadline + .seconds(1))
    }

    private func exchange(
        _ head: HTTPRequestHead, _ body: ByteBuffer, on channel: any Channel, until deadline: NIODeadline
    ) async throws -> Int {
        let status = channel.eventLoop.makePromise(of: Int.self)
        let exchange = Exchange(head: head, body: body, deadline: deadline, status: status)
        channel.writeAndFlush(exchange).whenFailure { status.fail($0) }
        return try await status.futureResult.value(until: deadline + .seconds(1))
    }

    private func head(of url: WebURL, _ headers: [(name: String, value: String)], length: Int) -> HTTPRequestHead {
        var fields = HTTPHeaders([("Host", url.authority), ("Content-Type", "application/json"), ("User-Agent", "Martlet")])
        fields.add(contentsOf: headers)
        fields.add(name: "Content-Length", value: String(length))
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: url.path + (url.query.map { "?" + $0 } ?? ""), headers: fields)
    }
}

extension IPAddress {
    /// - Throws: never for the four and sixteen bytes that an address has.
    fileprivate func socketAddress(port: Int) throws -> SocketAddress {
        switch self {
        case .v4(let bits): try SocketAddress(packedIPAddress: ByteBuffer(integer: bits), port: port)
        case .v6(let bits): try SocketAddress(packedIPAddress: ByteBuffer(integer: bits), port: port)
        }
    }
}

extension EventLoopFuture where Value: Sendable {
    /// Returns the value.
    ///
    /// - Throws: ``CallbackFailure`` when the deadline passes or the task is cancelled before.
    fileprivate func value(until deadline: NIODeadline) async throws -> Value {
        let promise = eventLoop.makePromise(of: Value.self)
        cascade(to: promise)
        let timer = eventLoop.scheduleTask(deadline: deadline) { promise.fail(CallbackFailure.timedOut) }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CallbackFailure.abandoned)
        }
    }
}
