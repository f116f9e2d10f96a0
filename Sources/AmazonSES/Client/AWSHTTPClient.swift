import AsyncHTTPClient
import Concurrency
import MailModel
import NIOCore
import NIOHTTP1
import Synchronization

/// The HTTP client of this module: HTTP/1.1 without redirects, with limits of time and of the size of answers.
///
/// A wrapper, so that no client with other settings can be passed in. Small requests with a body, which nearly all calls are, have connections of
/// their own, which costs less; AsyncHTTPClient sends the others: large ones in pieces.
package final class AWSHTTPClient: Sendable {
    /// The largest body that is sent in one piece.
    private static let smallBody = 256 << 10

    private let client: HTTPClient
    private let connectTimeout: TimeAmount
    private let connectionsPerHost: Int
    /// By scheme, host and port; there are as many as services.
    private let pools = Mutex<[String: ConnectionPool]>([:])

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - connectTimeout: for resolving names, connecting and the TLS handshake, repeated attempts included.
    ///   - connectionsPerHost: how many requests to one host may be under way at the same time; more wait. With 50 ms per call, 512
    ///     connections carry 10,000 calls per second.
    package init(connectTimeout: Duration = .seconds(5), connectionsPerHost: Int = 512) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.decompression = .disabled
        self.connectTimeout = .nanoseconds(connectTimeout.nanoseconds)
        self.connectionsPerHost = connectionsPerHost
        configuration.timeout = .init(connect: self.connectTimeout)
        // Shorter than servers keep an idle connection, so that few requests are sent on one that is being closed: their outcome is
        // unknown.
        configuration.connectionPool.idleTimeout = .seconds(15)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsPerHost
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    /// Closes the connections.
    ///
    /// Must be called once, after the last request.
    package func shutdown() async throws {
        for pool in pools.withLock({ Array($0.values) }) { await pool.shutdown() }
        try await client.shutdown()
    }

    /// Sends a request and returns the whole answer.
    ///
    /// - Parameters:
    ///   - timeout: for the whole exchange, from the wait for a connection to the last byte.
    ///   - maximumBytes: the largest body of an answer; a larger one is an error.
    func exchange(_ request: OutgoingRequest, timeout: Duration, maximumBytes: Int) async throws(HTTPFailure) -> HTTPAnswer {
        guard (1...Self.smallBody).contains(request.body.count), let url = WebURL(request.url), let pool = pool(for: url) else {
            return try await exchangeInPieces(request, timeout: timeout, maximumBytes: maximumBytes)
        }
        let target = url.path + (url.query.map { "?" + $0 } ?? "")
        let result = await pool.exchange(request, to: target, timeout: .nanoseconds(timeout.nanoseconds), maximumBytes: maximumBytes)
        return try result.get()
    }

    /// The connections to a server; `nil` where TLS cannot be set up, of which AsyncHTTPClient says more.
    private func pool(for url: WebURL) -> ConnectionPool? {
        let origin = url.scheme + "://" + url.authority
        return pools.withLock { pools in
            if let pool = pools[origin] { return pool }
            let pool = try? ConnectionPool(to: url, limit: connectionsPerHost, connectTimeout: connectTimeout)
            pools[origin] = pool
            return pool
        }
    }

    private func exchangeInPieces(
        _ request: OutgoingRequest, timeout: Duration, maximumBytes: Int
    ) async throws(HTTPFailure) -> HTTPAnswer {
        let sent = SentMark()
        do {
            // The client's own deadline ends with the head of the answer; this one covers the body too.
            return try await withTimeout(timeout) { try await self.perform(request, sent, maximumBytes) }
        } catch is TimeoutError {
            throw HTTPFailure(reason: "timed out", bodyWasSent: sent.isSet)
        } catch {
            throw HTTPFailure(error, bodyWasSent: sent.isSet)
        }
    }

    private func perform(_ outgoing: OutgoingRequest, _ sent: SentMark, _ maximumBytes: Int) async throws -> HTTPAnswer {
        var request = HTTPClientRequest(url: outgoing.url)
        request.method = .init(rawValue: outgoing.method)
        for header in outgoing.headers {
            request.headers.add(name: header.name, value: header.value)
        }
        if !outgoing.body.isEmpty {
            let body = MarkingBody(bytes: outgoing.body, mark: sent)
            request.body = .stream(body, length: .known(Int64(outgoing.body.count)))
        }
        let response = try await client.execute(request, deadline: .distantFuture)
        var body = try await response.body.collect(upTo: maximumBytes)
        return HTTPAnswer(
            status: Int(response.status.code), body: body.readBytes(length: body.readableBytes) ?? [],
            errorType: response.headers.first(name: "x-amzn-ErrorType"))
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
