import AsyncHTTPClient
import Concurrency
import NIOCore
import NIOHTTP1

/// The HTTP client of this module: HTTP/1.1 without redirects, with limits of time and of the size of answers.
///
/// A wrapper, so that no client with other settings can be passed in.
package struct AWSHTTPClient: Sendable {
    private let client: HTTPClient

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - connectTimeout: for resolving names, connecting and the TLS handshake, repeated attempts included.
    ///   - connectionsPerHost: how many requests to one host may be under way at the same time; more wait. With 50 ms per call, 256
    ///     connections carry 5,000 calls per second.
    package init(connectTimeout: Duration = .seconds(5), connectionsPerHost: Int = 256) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.decompression = .disabled
        configuration.timeout = .init(connect: .nanoseconds(connectTimeout.nanoseconds))
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
        try await client.shutdown()
    }

    /// Sends a request and returns the whole answer.
    ///
    /// - Parameters:
    ///   - timeout: for the whole exchange, from the wait for a connection to the last byte.
    ///   - maximumBytes: the largest body of an answer; a larger one is an error.
    func exchange(_ request: OutgoingRequest, timeout: Duration, maximumBytes: Int) async throws(HTTPFailure) -> HTTPAnswer {
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
