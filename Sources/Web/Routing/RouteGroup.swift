package import CoreMetrics
package import Hummingbird
package import Logging

/// One method of one path, and who answers.
package struct Route: Sendable {
    package let method: HTTPRequest.Method
    /// With the names of parameters in braces: `/domains/{name}`.
    package let path: String
    package let responder: any HTTPResponder<APIContext>

    package init(_ method: HTTPRequest.Method, _ path: String, _ responder: any HTTPResponder<APIContext>) {
        self.method = method
        self.path = path
        self.responder = responder
    }
}

/// What one room adds to the server: its routes, and how errors look there.
package struct RouteGroup: Sendable {
    /// How a path begins that belongs here, also one that no route takes; of two doors the one that says more.
    package let prefix: String
    package let routes: [Route]
    /// Renders an error that a route threw, and those that no route does.
    package let answer: @Sendable (APIError, Request, APIContext) -> Response

    package init(prefix: String, routes: [Route], answer: @escaping @Sendable (APIError, Request, APIContext) -> Response) {
        self.prefix = prefix
        self.routes = routes
        self.answer = answer
    }

    fileprivate func owns(_ path: String) -> Bool {
        path.hasPrefix(prefix) && (prefix.hasSuffix("/") || path == prefix || path.dropFirst(prefix.count).hasPrefix("/"))
    }
}

extension [RouteGroup] {
    /// All routes. Paths answer with and without a trailing slash, and `HEAD` wherever there is `GET`.
    ///
    /// - Parameters:
    ///   - logger: takes one line per request at info, and unexpected failures at error.
    ///   - metrics: where requests are counted.
    package func router(
        proxies: TrustedProxies = TrustedProxies(), logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory
    ) -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestMiddleware(doors: self, proxies: proxies, logger: logger, metrics: metrics))
        for route in flatMap(\.routes) {
            router.on(RouterPath(route.path), method: route.method, responder: route.responder)
        }
        return router
    }

    func owner(of path: String) -> RouteGroup? {
        filter { $0.owns(path) }.max { $0.prefix.utf8.count < $1.prefix.utf8.count }
    }
}
