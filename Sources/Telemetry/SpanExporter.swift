import AsyncHTTPClient
package import CoreMetrics
package import Logging
import NIOCore
import NIOHTTP1
import Periodic

/// The service that sends spans to a collector: in batches, by OTLP over HTTP with JSON (OpenTelemetry protocol, section "OTLP/HTTP").
///
/// What a collector does not take at once is dropped and counted: tracing never holds up mail.
package final class SpanExporter: PeriodicService {
    private static let batch = 512
    private static let interval = Duration.seconds(1)
    private static let timeout = TimeAmount.seconds(5)

    private let tracer: SpanTracer
    private let url: String
    private let resource: [(String, String)]
    private let logger: Logger
    private let exported: Counter
    private let dropped: Counter

    /// - Parameters:
    ///   - endpoint: the URL of the collector, without `/v1/traces`.
    ///   - resource: the attributes of this process, such as `service.name`.
    ///   - metrics: where spans are counted.
    package init(
        _ tracer: SpanTracer, endpoint: String, resource: [(String, String)], logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.tracer = tracer
        url = endpoint + "/v1/traces"
        self.resource = resource
        self.logger = logger
        exported = Counter(label: "martlet_spans_exported_total", dimensions: [], factory: metrics)
        dropped = Counter(label: "martlet_spans_dropped_total", dimensions: [], factory: metrics)
    }

    /// Exports until the program stops, and then what is left.
    package func run() async throws {
        await repeatRounds()
        _ = await round()
    }

    /// Sends what waits, batch by batch.
    ///
    /// - Returns: one second.
    package func round() async -> Duration {
        while true {
            let (spans, lost) = tracer.drain(upTo: Self.batch)
            dropped.increment(by: lost)
            guard !spans.isEmpty else { return Self.interval }
            guard await send(spans) else { return Self.interval }
        }
    }

    /// - Returns: false where the collector did not take them.
    private func send(_ spans: [FinishedSpan]) async -> Bool {
        var reason: String
        do {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: OTLPBody.make(spans, resource: resource)))
            let response = try await HTTPClient.shared.execute(request, timeout: Self.timeout)
            // An answer that is not read would hold the connection.
            _ = try await response.body.collect(upTo: 64 << 10)
            if (200..<300).contains(response.status.code) {
                exported.increment(by: Int64(spans.count))
                return true
            }
            reason = "the collector answered \(response.status.code)"
        } catch {
            reason = "\(error)"
        }
        dropped.increment(by: Int64(spans.count))
        logger.debug("Spans were not exported", metadata: ["spans.count": "\(spans.count)", "error": "\(reason)"])
        return false
    }
}
