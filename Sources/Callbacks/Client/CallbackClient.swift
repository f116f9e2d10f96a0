import Glibc
import MailModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Makes the calls: to checked addresses only, without redirects and without proxies, within a bounded time.
///
/// A client of our own, because the address that is connected to has to be the very one that was checked: clients that take a URL
/// resolve the name themselves, and a name may lead elsewhere a moment after it was looked at. Here a name becomes addresses once, all of
/// them are judged, and the connection is opened to the number.
package final class CallbackClient: Sendable {
    private static let mostAddresses = 3
    private static let longestConnect = TimeAmount.seconds(5)

    private let policy: AddressPolicy
    private let timeout: TimeAmount
    private let resolver: NameResolver
    /// Without CA certificates on the machine there is no context: calls to http alone are possible then.
    private let tls: Result<NIOSSLContext, any Error>
    private let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    private let idle = IdleConnections()

    /// - Parameter timeout: for all of a call, from the look-up of the name to the head of the answer.
    package convenience init(policy: AddressPolicy, timeout: Duration = .seconds(15)) {
        self.init(policy: policy, timeout: timeout, resolver: NameResolver(), tls: .makeClientConfiguration())
    }

    init(policy: AddressPolicy, timeout: Duration, resolver: NameResolver, tls: TLSConfiguration) {
        self.policy = policy
        self.timeout = .milliseconds(timeout.milliseconds)
        self.resolver = resolver
        self.tls = Result { try NIOSSLContext(configuration: tls) }
    }

    /// Makes a call, and gives the status of the answer.
    func post(_ url: WebURL, headers: [(name: String, value: String)], body: [UInt8]) async throws(CallbackFailure) -> Int {
        do {
            return try await call(url, headers, ByteBuffer(bytes: body))
        } catch {
            throw CallbackFailure(error)
        }
    }

    private func call(_ url: WebURL, _ headers: [(name: String, value: String)], _ body: ByteBuffer) async throws -> Int {
        if let reason = policy.refusal(of: url) { throw CallbackFailure(.refused, reason) }
        let deadline = NIODeadline.now() + timeout
        let addresses = try await checkedAddresses(of: url, until: deadline)
        let head = head(of: url, headers, length: body.readableBytes)
        let exchange: (any Channel) async throws -> Int = { channel in
            try await self.exchange(head, body, on: channel, until: deadline)
        }
        if let channel = idle.take(.init(url), to: addresses) {
            do {
                return try await exchange(channel)
            } catch let failure as CallbackFailure where failure != .timedOut && failure != .abandoned {
                // The other side may have closed it while it was idle. The id is the same, should the call have been taken after all.
            }
        }
        return try await exchange(try await connect(url, addresses, until: deadline))
    }

    /// The addresses of the host, of which every one may be called: a name that leads to both sides is after something.
    private func checkedAddresses(of url: WebURL, until deadline: NIODeadline) async throws -> [IPAddress] {
        let loop = group.any()
        let addresses = try await resolver.addresses(of: url.host, on: loop).value(until: deadline)
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
                        // A literal address is no name: the certificate then has to be for the address.
                        let name = IPAddress(literal: key.host) == nil ? key.host : nil
                        guard let context = try? tls.get() else { throw CallbackFailure.noCACertificates }
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
                    }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(ExchangeHandler { idle.put($0, key, to: address) })
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

extension CallbackFailure {
    static let noCACertificates = Self(.transient, "the machine has no CA certificates to verify the receiver with")

    /// Says in words without addresses what the network said.
    init(_ error: any Error) {
        switch error {
        case let error as CallbackFailure: self = error
        case ChannelError.connectTimeout: self = .timedOut
        case let error as NIOConnectionError:
            self = (error.connectionErrors.first?.error).map(CallbackFailure.init) ?? Self(.transient, "no connection")
        case let error as IOError: self.init(.transient, String(cString: strerror(error.errnoCode)))
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            self.init(.transient, "TLS failed: the certificate is not valid for the name, or there is no common version")
        default: self.init(.transient, "the connection failed (\(type(of: error)))")
        }
    }
}

extension EventLoopFuture where Value: Sendable {
    /// The value, unless time or the task ends first.
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
