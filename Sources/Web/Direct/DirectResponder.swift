package import Hummingbird
package import Logging
package import MailModel
package import NIOCore
import Synchronization

/// Answers requests of a route without a task: those for which all that is needed is in memory, but for one command to the group commit.
///
/// It answers as the route's handler does, or leaves the request to it.
package struct DirectResponder: Sendable {
    /// Makes the answer on the connection's event loop, or throws as a handler does.
    package typealias Render = @Sendable () throws -> JSONAnswer

    /// Gives the answer to a request: called once, on any thread.
    package typealias Answer = @Sendable (@escaping Render) -> Void

    /// Begins to answer a request.
    ///
    /// Returns false where the request is the router's; nothing has happened then. What is thrown is answered as what a handler throws.
    package typealias Begin = @Sendable (Request, APIContext, ByteBuffer, @escaping Answer) throws -> Bool

    let begin: Begin

    /// - Parameter begin: begins to answer a request, with the body.
    package init(_ begin: @escaping Begin) {
        self.begin = begin
    }
}

/// The routes of a server that answer directly, and what every answer of theirs needs.
package struct DirectRoutes: Sendable {
    /// A route, and its path cut at its one parameter.
    struct Entry: Sendable {
        let route: Route
        let responder: DirectResponder
        private let prefix: Substring
        private let parameter: Substring?
        private let suffix: Substring

        init?(_ route: Route) {
            guard let responder = route.direct else { return nil }
            (self.route, self.responder) = (route, responder)
            let path = route.path[...]
            guard let start = path.firstIndex(of: "{"), let end = path.firstIndex(of: "}") else {
                (prefix, parameter, suffix) = (path, nil, "")
                return
            }
            (prefix, parameter, suffix) = (path[..<start], path[start..<end].dropFirst(), path[end...].dropFirst())
        }

        /// Returns the parameter of a path, as name and value, and empty where the route has none; `nil` for another route's path.
        func parameters(in path: Substring) -> Parameters? {
            guard let parameter else { return path == prefix ? Parameters() : nil }
            // By bytes: it is done for every request.
            let (path, prefix, suffix) = (path.utf8, prefix.utf8, suffix.utf8)
            guard path.count > prefix.count + suffix.count, path.starts(with: prefix), path.suffix(suffix.count).elementsEqual(suffix)
            else {
                return nil
            }
            let value = path.dropFirst(prefix.count).dropLast(suffix.count)
            return value.contains(UInt8(ascii: "/")) ? nil : Parameters([(parameter, Substring(value))])
        }
    }

    /// A route that may answer a request, and the parameter of its path.
    typealias Match = (entry: Entry, parameters: Parameters)

    private let entries: [Entry]
    private let middleware: RequestMiddleware
    private let logger: Logger
    private let date: HTTPDateCache

    /// The routes that answer directly.
    ///
    /// - Parameters:
    ///   - middleware: the one of the router, which logs and counts the requests of both.
    ///   - logger: the logger in the contexts of requests.
    ///   - clock: the present time, for `Date`.
    package init(_ groups: [RouteGroup], middleware: RequestMiddleware, logger: Logger, clock: @escaping @Sendable () -> Timestamp) {
        entries = groups.flatMap(\.routes).compactMap(Entry.init)
        date = HTTPDateCache(clock: clock)
        self.middleware = middleware
        self.logger = logger
    }

    /// Returns the route of a request and its parameters, where it may be answered directly by what its head says.
    func match(_ head: HTTPRequest) -> Match? {
        guard let target = head.path, head.headerFields[.connection] == nil, head.headerFields[.expect] == nil else { return nil }
        let path = target[..<(target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex)]
        for entry in entries where entry.route.method == head.method {
            if let parameters = entry.parameters(in: path) { return (entry, parameters) }
        }
        return nil
    }

    /// Begins to answer a request.
    ///
    /// - Parameter answer: called once, on the event loop, where this returns true.
    /// - Returns: false where the request is the router's.
    func begin(
        _ head: HTTPRequest, _ match: Match, _ body: ByteBuffer, on channel: any Channel,
        answer: @escaping @Sendable (HTTPResponse, ByteBuffer) -> Void
    ) -> Bool {
        let start = ContinuousClock.now
        let request = Request(head: head, body: RequestBody(buffer: body))
        var context = APIContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        context.coreContext.endpointPath.value = match.entry.route.path
        context.coreContext.parameters = match.parameters
        middleware.prepare(&context, for: request)
        let finish = { @Sendable [self, context] (render: DirectResponder.Render) in
            do {
                let answered = try render()
                complete(request, context, since: start, answered, answer)
            } catch {
                fail(request, context, since: start, with: error, answer)
            }
        }
        do {
            return try match.entry.responder.begin(request, context, body) { render in
                channel.eventLoop.execute { finish(render) }
            }
        } catch {
            finish { throw error }
            return true
        }
    }

    private func complete(
        _ request: Request, _ context: APIContext, since start: ContinuousClock.Instant, _ answered: JSONAnswer,
        _ answer: @Sendable (HTTPResponse, ByteBuffer) -> Void
    ) {
        context.record.releaseMemory()
        middleware.record(request, answered.status, route: context.endpointPath ?? "-", context, since: start)
        var fields = answered.headers
        fields[.contentLength] = String(answered.body.readableBytes)
        fields[.date] = date.current
        answer(HTTPResponse(status: answered.status, headerFields: fields), answered.body)
    }

    /// Answers an error, in the form of the route.
    private func fail(
        _ request: Request, _ context: APIContext, since start: ContinuousClock.Instant, with error: any Error,
        _ answer: @escaping @Sendable (HTTPResponse, ByteBuffer) -> Void
    ) {
        let response = middleware.answer(error, to: request, context: context)
        let loop = context.channel.eventLoop
        // Unstructured: the body of an answer can only be had asynchronously, and errors are few.
        Task {
            let body = await response.body.collected()
            loop.execute {
                complete(
                    request, context, since: start, JSONAnswer(status: response.status, headers: response.headers, body: body), answer)
            }
        }
    }
}

extension ResponseBody {
    /// Returns the whole body.
    fileprivate func collected() async -> ByteBuffer {
        let collector = BodyCollector()
        // The collector throws nothing; of a body that fails the client gets what was written before.
        try? await write(collector)
        return collector.body.withLock { $0 }
    }
}

/// Collects the pieces of a body.
private final class BodyCollector: ResponseBodyWriter, Sendable {
    let body = Mutex(ByteBuffer())

    func write(_ piece: ByteBuffer) async throws {
        body.withLock { _ = $0.writeImmutableBuffer(piece) }
    }

    func finish(_ trailers: HTTPFields?) async throws {}
}

/// The `Date` header field of answers (RFC 9110, section 5.6.7), made once a second.
private final class HTTPDateCache: Sendable {
    private let made = Mutex((second: Int64.min, text: ""))
    private let clock: @Sendable () -> Timestamp

    /// - Parameter clock: the present time.
    init(clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
    }

    /// The present time, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
    var current: String {
        let now = clock()
        let second = now.milliseconds / 1000
        return made.withLock { made in
            if made.second != second { made = (second, now.httpDate) }
            return made.text
        }
    }
}
