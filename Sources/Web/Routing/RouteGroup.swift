package import Concurrency
package import CoreMetrics
package import Hummingbird
package import Logging

/// A method of a path, and its responder.
package struct Route: Sendable {
    /// The method.
    package let method: HTTPRequest.Method
    /// With the names of parameters in braces: `/domains/{name}`.
    package let path: String
    /// The form of its errors.
    package let errors: ErrorFormat
    /// Answers the requests.
    package let responder: any HTTPResponder<APIContext>
    /// Answers those requests without a task that need nothing but the group commit; `nil` where there are none.
    package let direct: DirectResponder?

    /// A route of a path, with the names of parameters in braces.
    ///
    /// - Parameters:
    ///   - errors: the form of its errors.
    ///   - direct: answers some of the requests without a task.
    package init(
        _ method: HTTPRequest.Method, _ path: String, errors: ErrorFormat = .detail, direct: DirectResponder? = nil,
        _ responder: any HTTPResponder<APIContext>
    ) {
        self.method = method
        self.path = path
        self.errors = errors
        self.responder = responder
        self.direct = direct
    }
}

/// Renders an error in the form of the route that it is about.
package typealias ErrorRenderer = @Sendable (APIError, ErrorFormat, APIContext) -> Response

/// The routes of one interface, and how its errors are rendered.
package struct RouteGroup: Sendable {
    /// The beginning of the paths that belong to the group, also of unknown ones; where two groups match, the longer prefix decides.
    package let prefix: String
    /// The routes of the group.
    package let routes: [Route]
    /// Renders an error: of a route of the group, or for an unknown path that belongs to it.
    package let answer: ErrorRenderer

    /// - Parameters:
    ///   - prefix: the beginning of the paths that belong to the group.
    ///   - answer: renders an error.
    package init(prefix: String, routes: [Route], answer: @escaping ErrorRenderer) {
        self.prefix = prefix
        self.routes = routes
        self.answer = answer
    }

    fileprivate func owns(_ path: String) -> Bool {
        path.hasPrefix(prefix) && (prefix.hasSuffix("/") || path == prefix || path.dropFirst(prefix.count).hasPrefix("/"))
    }
}

extension [RouteGroup] {
    /// Returns the router of all routes.
    ///
    /// Paths are answered with and without a trailing slash, and `HEAD` wherever there is `GET`.
    ///
    /// - Parameters:
    ///   - proxies: whose `X-Forwarded-For` is believed.
    ///   - memory: what all requests together may hold in memory; `nil` for no bound.
    ///   - logger: takes one line per request at info, and unexpected failures at error.
    ///   - metrics: where requests are counted.
    package func router(
        proxies: TrustedProxies = TrustedProxies(), memory: MemoryBudget? = nil, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory
    ) -> Router<APIContext> {
        router(RequestMiddleware(routeGroups: self, proxies: proxies, memory: memory, logger: logger, metrics: metrics))
    }

    /// Returns the router of all routes, with the middleware of these groups.
    package func router(_ middleware: RequestMiddleware) -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: middleware)
        for route in flatMap(\.routes) {
            router.on(RouterPath(route.path), method: route.method, responder: route.responder)
        }
        return router
    }

    func owner(of path: String) -> RouteGroup? {
        filter { $0.owns(path) }.max { $0.prefix.utf8.count < $1.prefix.utf8.count }
    }
}
