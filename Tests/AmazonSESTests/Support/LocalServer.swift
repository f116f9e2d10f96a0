import Hummingbird
import Logging
import NIOCore

let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// A request that the local server received.
struct Received: Sendable {
    let method: String
    /// Path and query.
    let target: String
    let headers: [String: String]
    let body: String
}

/// How the local server answers a request.
enum Reply: Sendable {
    case answer(Int, String = "")
    /// With the name of an error, as AWS's JSON services answer.
    case typed(Int, String)
    case redirect(String)
    /// Closes the connection without an answer.
    case close
    /// Never answers.
    case hang

    /// The time limit of a call.
    ///
    /// Where no answer comes, as long as a busy machine needs to deliver the request.
    var patience: Duration {
        if case .hang = self { .seconds(2) } else { .seconds(30) }
    }
}

private struct Context: InitializableFromSource, Sendable {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}

private struct Responder: HTTPResponder {
    let answer: @Sendable (Received) async -> Reply

    func respond(to request: Request, context: Context) async throws -> Response {
        let body = try await request.body.collect(upTo: 1 << 24)
        var headers = Dictionary(request.headers.map { ($0.name.canonicalName, $0.value) }) { $1 }
        headers["host"] = request.head.authority
        let received = Received(method: request.method.rawValue, target: request.uri.string, headers: headers, body: String(buffer: body))
        switch await answer(received) {
        case .answer(let status, let text):
            return Response(status: .init(code: status), body: .init(byteBuffer: ByteBuffer(string: text)))
        case .typed(let status, let name):
            var headers: HTTPFields = [:]
            if let field = HTTPFields.Element.Name("x-amzn-ErrorType") { headers[field] = name }
            return Response(
                status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(string: #"{"message": "no"}"#)))
        case .redirect(let location):
            return Response(status: .found, headers: [.location: location])
        case .close:
            try await context.channel.close()
            return Response(status: .internalServerError)
        case .hang:
            // Ends when the server is cancelled.
            try await Task.sleep(for: .seconds(3600))
            return Response(status: .internalServerError)
        }
    }
}

/// Runs `body` with an HTTP server on loopback, given as `http://127.0.0.1:<port>`.
@discardableResult
func withServer<Value: Sendable>(
    _ answer: @escaping @Sendable (Received) async -> Reply, _ body: (String) async throws -> Value
) async throws -> Value {
    let (ports, port) = AsyncStream<Int>.makeStream()
    let application = Application(
        responder: Responder(answer: answer), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { port.yield($0.localAddress?.port ?? 0) }, logger: silent)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try? await application.run() }
        defer { group.cancelAll() }
        var iterator = ports.makeAsyncIterator()
        return try await body("http://127.0.0.1:\(await iterator.next() ?? 0)")
    }
}
