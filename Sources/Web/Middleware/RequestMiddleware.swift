package import Concurrency
package import CoreMetrics
package import Hummingbird
package import Logging
import MailModel
package import Telemetry

/// Turns errors into answers, counts every request, and logs one line for it.
///
/// Hummingbird's own middleware logs unexpected errors at debug only, and logs the query, which has tokens in links.
package struct RequestMiddleware: RouterMiddleware {
    /// The context of the requests.
    package typealias Context = APIContext

    private let routeGroups: [RouteGroup]
    private let table: RouteTable
    private let proxies: TrustedProxies
    private let memory: MemoryBudget?
    private let logger: Logger
    private let metrics: RequestMetrics
    private let tracer: SpanTracer?

    /// - Parameters:
    ///   - routeGroups: render the errors of their paths.
    ///   - proxies: whose `X-Forwarded-For` is believed.
    ///   - memory: what all requests together may hold in memory; `nil` for no bound.
    ///   - logger: takes one line per request at info, and unexpected failures at error.
    ///   - metrics: where requests are counted.
    ///   - tracer: records requests; `nil` where nothing is traced.
    package init(
        routeGroups: [RouteGroup], proxies: TrustedProxies = TrustedProxies(), memory: MemoryBudget? = nil, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, tracer: SpanTracer? = nil
    ) {
        self.tracer = tracer
        self.routeGroups = routeGroups
        table = RouteTable(routeGroups.flatMap(\.routes))
        self.proxies = proxies
        self.memory = memory
        self.logger = logger
        self.metrics = RequestMetrics(metrics)
    }

    /// Answers a request, also where `next` throws.
    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        prepare(&context, for: request)
        defer { context.record.releaseMemory() }
        var route = context.endpointPath ?? "-"
        var response: Response
        do {
            response = try await next(request, context)
            if let fault = context.record.fault { log(fault, at: .error, of: request, route: route, context) }
        } catch {
            response = answer(error, to: request, context: context, route: &route)
        }
        if request.method == .head, response.body.contentLength != 0 { response = response.createHeadResponse() }
        record(request, response.status, route: route, context, since: start)
        return response
    }

    /// Sets what a request's context gets from the server.
    func prepare(_ context: inout APIContext, for request: Request) {
        if let client = proxies.client(behind: context.remoteAddress, request.headers) { context.remoteAddress = client }
        context.memory = memory
        beginTrace(of: request, context)
    }

    private static let traceparent = HTTPFields.Element.Name("traceparent")

    /// Goes on with the caller's trace, or begins one where requests are traced.
    private func beginTrace(of request: Request, _ context: APIContext) {
        let parent = Self.traceparent.flatMap { request.headers[$0] }.flatMap(TraceContext.init(traceparent:))
        guard let tracer, !Self.probes.contains(context.endpointPath ?? "-") else {
            if let parent { context.record.follow(parent) }
            return
        }
        let span = tracer.begin(request.method.rawValue, .server, below: parent)
        if span.isRecording || parent != nil { context.record.follow(span.trace, span) }
    }

    /// Returns the answer to an error, in the form of the request's route.
    func answer(_ error: any Error, to request: Request, context: APIContext) -> Response {
        var route = context.endpointPath ?? "-"
        return answer(error, to: request, context: context, route: &route)
    }

    /// Counts an answered request, and logs its line.
    func record(
        _ request: Request, _ status: HTTPResponse.Status, route: String, _ context: APIContext, since start: ContinuousClock.Instant
    ) {
        let duration = ContinuousClock.now - start
        metrics.record(request.method, route: route, status, duration)
        context.record.endSpan(request.method.rawValue, route: route, status: Int(status.code))
        log(request, status, route: route, context: context, duration: duration)
    }

    private func log(_ request: Request, _ status: HTTPResponse.Status, route: String, context: APIContext, duration: Duration) {
        let isQuiet = Self.probes.contains(route) && status.code < 400
        var metadata: Logger.Metadata = [
            "http.method": "\(request.method.rawValue)",
            "http.route": "\(route)",
            "http.status": .stringConvertible(status.code),
            "http.duration_ms": .stringConvertible(Self.milliseconds(duration)),
            "account": "\(context.record.account)",
            "request.id": "\(context.record.id)",
        ]
        if let trace = context.record.trace { metadata["trace.id"] = "\(trace.traceID)" }
        logger.log(level: isQuiet ? .debug : .info, "Request", metadata: metadata)
    }

    /// Requested every few seconds by supervisors, load balancers and Prometheus, and therefore logged at debug.
    private static let probes: Set = ["/healthz", "/readyz", "/metrics"]

    /// Returns milliseconds with three decimals.
    private static func milliseconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) / 1000
    }

    private func answer(_ error: any Error, to request: Request, context: APIContext, route: inout String) -> Response {
        let group = routeGroups.owner(of: request.uri.path)
        let render = { (error: APIError) in
            group?.answer(error, table.errors(of: context.endpointPath, at: request.uri.path), context)
                ?? Response(status: error.status, headers: error.headers)
        }
        // Thrown by the router only, for a path and method without a route.
        if error is HTTPError { return render(notFound(request, route: &route)) }
        let answer = APIError(error)
        if answer.map({ $0.status.kind == .serverError }) ?? true {
            // Known server errors are temporary, or SES's; any other error is a bug.
            let level: Logger.Level = answer == nil ? .error : .warning
            log(error, at: level, of: request, route: route, context)
        }
        return render(answer ?? .internalError)
    }

    private func log(_ error: any Error, at level: Logger.Level, of request: Request, route: String, _ context: APIContext) {
        logger.log(
            level: level, "Request failed",
            metadata: [
                "http.method": "\(request.method.rawValue)", "http.route": "\(route)", "request.id": "\(context.record.id)",
                "error": "\(String(reflecting: error))",
            ])
    }

    private func notFound(_ request: Request, route: inout String) -> APIError {
        guard let entry = table.entry(at: request.uri.path) else {
            route = "-"
            return APIError(.notFound, "Not found")
        }
        route = entry.path
        return APIError(.methodNotAllowed, "Method not allowed, expected \(entry.allow)", headers: [.allow: entry.allow])
    }
}
