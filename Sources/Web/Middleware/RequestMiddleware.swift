package import CoreMetrics
package import Hummingbird
package import Logging

/// What stands around every request: errors become answers, and each request leaves one line in the log.
///
/// Hummingbird's own middleware would log unexpected errors at debug only, and the query with the tokens of links in it.
package struct RequestMiddleware: RouterMiddleware {
    package typealias Context = APIContext

    private let doors: [RouteGroup]
    private let routes: RouteTable
    private let proxies: TrustedProxies
    private let logger: Logger
    private let metrics: RequestMetrics

    package init(
        doors: [RouteGroup], proxies: TrustedProxies = TrustedProxies(), logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.doors = doors
        routes = RouteTable(doors.flatMap(\.routes))
        self.proxies = proxies
        self.logger = logger
        self.metrics = RequestMetrics(metrics)
    }

    package func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.forwardedAddress = proxies.client(behind: context.channel.remoteAddress?.ipAddress, request.headers)
        var route = context.endpointPath ?? "-"
        var response: Response
        do {
            response = try await next(request, context)
            if let fault = context.record.fault { log(fault, at: .error, of: request, route: route, context) }
        } catch {
            response = answer(error, to: request, context: context, route: &route)
        }
        if request.method == .head, response.body.contentLength != 0 { response = response.createHeadResponse() }
        let duration = ContinuousClock.now - start
        metrics.record(request.method, route: route, response.status, duration)
        log(request, response, route: route, context: context, duration: duration)
        return response
    }

    private func log(_ request: Request, _ response: Response, route: String, context: APIContext, duration: Duration) {
        let isQuiet = Self.probes.contains(route) && response.status.code < 400
        logger.log(
            level: isQuiet ? .debug : .info, "Request",
            metadata: [
                "http.method": "\(request.method.rawValue)",
                "http.route": "\(route)",
                "http.status": .stringConvertible(response.status.code),
                "http.duration_ms": .stringConvertible(Self.milliseconds(duration)),
                "account": "\(context.record.account)",
                "request.id": "\(context.record.id)",
            ])
    }

    /// What supervisors, load balancers and Prometheus ask every few seconds: a line for each would bury the others.
    private static let probes: Set = ["/healthz", "/readyz", "/metrics"]

    /// Milliseconds with three decimals.
    private static func milliseconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) / 1000
    }

    private func answer(_ error: any Error, to request: Request, context: APIContext, route: inout String) -> Response {
        let door = doors.owner(of: request.uri.path)
        let render = { (error: APIError) in door?.answer(error, request, context) ?? Response(status: error.status, headers: error.headers)
        }
        // The only such error: the router's, for a path and method it does not know.
        if error is HTTPError { return render(notFound(request, route: &route)) }
        let answer = APIError(error)
        if answer.map({ $0.status.kind == .serverError }) ?? true {
            // What others lack is temporary, or theirs; what nobody expected is ours.
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
        guard let entry = routes.entry(at: request.uri.path) else {
            route = "-"
            return APIError(.notFound, "Not found")
        }
        route = entry.path
        return APIError(.methodNotAllowed, "Method not allowed, expected \(entry.allow)", headers: [.allow: entry.allow])
    }
}
