import Hummingbird
import JSON
import Logging
import MailModel
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import Web

/// Requests that are answered on the event loop, without a task, and what the server behind gets.
struct DirectHandlerTests {
    /// Answers that are held back until the test gives them.
    private final class HeldAnswers: Sendable {
        private let held = Mutex<[@Sendable (@escaping DirectResponder.Render) -> Void]>([])

        var count: Int { held.withLock(\.count) }

        func hold(_ answer: @escaping @Sendable (@escaping DirectResponder.Render) -> Void) {
            held.withLock { $0.append(answer) }
        }

        /// Answers the request that came first.
        func give(_ text: String) {
            let answer = held.withLock { $0.removeFirst() }
            answer { JSONAnswer(.accepted) { $0.value(text) } }
        }
    }

    private struct Unused: HTTPResponder {
        func respond(to request: Request, context: APIContext) async throws -> Response { Response(status: .ok) }
    }

    private static let silent = Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }

    private let answers = HeldAnswers()
    private let channel: NIOAsyncTestingChannel

    init() async throws {
        let direct = DirectResponder { [answers] _, context, body, answer in
            switch String(buffer: body) {
            case "not mine": return false
            case "wrong": throw APIError(.unprocessableContent, "wrong")
            default:
                answers.hold(answer)
                return true
            }
        }
        let group = RouteGroup(
            prefix: "/",
            routes: [Route(.post, "/emails", direct: direct, Unused()), Route(.post, "/d/{name}/count", direct: direct, Unused())]
        ) { error, _, _ in
            Response.text(error.message)
        }
        let routes = DirectRoutes(
            [group], middleware: RequestMiddleware(routeGroups: [group], logger: Self.silent), logger: Self.silent,
            clock: { Timestamp(milliseconds: 784_111_777_000) })
        channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
        let channel = channel
        try await channel.testingEventLoop.executeInContext {
            try channel.pipeline.syncOperations.addHandler(DirectHandler(routes))
        }
    }

    private func head(_ method: HTTPRequest.Method, _ path: String) -> HTTPRequestPart {
        .head(HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path))
    }

    private func post(_ body: String, to path: String = "/emails") -> [HTTPRequestPart] {
        [head(.post, path), .body(ByteBuffer(string: body)), .end(nil)]
    }

    /// Receives parts in one read.
    private func receive(_ parts: [HTTPRequestPart]) async throws {
        let channel = channel
        try await channel.testingEventLoop.executeInContext {
            for part in parts { channel.pipeline.syncOperations.fireChannelRead(NIOAny(part)) }
            channel.pipeline.syncOperations.fireChannelReadComplete()
        }
    }

    /// What the server behind has got by now.
    private func passedOn() async throws -> [HTTPRequestPart] {
        var parts: [HTTPRequestPart] = []
        while let part = try await channel.readInbound(as: HTTPRequestPart.self) { parts.append(part) }
        return parts
    }

    /// Waits for an answer, and returns it.
    private func answer() async throws -> (head: HTTPResponse, body: String) {
        guard case .head(let head) = try await channel.waitForOutboundWrite(as: HTTPResponsePart.self),
            case .body(let body) = try await channel.waitForOutboundWrite(as: HTTPResponsePart.self),
            case .end = try await channel.waitForOutboundWrite(as: HTTPResponsePart.self)
        else { throw Missing() }
        return (head, String(buffer: body))
    }

    private struct Missing: Error {}

    @Test(arguments: ["/emails", "/emails?unsubscribeMsg=bye", "/d/shop.example/count"])
    func `A request is answered without the server`(path: String) async throws {
        try await receive(post("a", to: path))
        answers.give("done")
        let answer = try await answer()
        #expect(answer.head.status == .accepted)
        #expect(answer.body == "\"done\"")
        #expect(answer.head.headerFields[.contentLength] == "6")
        #expect(answer.head.headerFields[.date] == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(try await passedOn().isEmpty)
    }

    @Test(arguments: ["/email", "/emails/", "/emails/1", "/d//count", "/d/a/b/count", "/d/count", "/d/a/counts"])
    func `Other paths are the server's`(path: String) async throws {
        try await receive(post("a", to: path))
        #expect(try await passedOn() == post("a", to: path))
    }

    @Test func `What comes behind a request waits for its answer`() async throws {
        try await receive(post("first") + post("second") + [head(.get, "/domains"), .end(nil)])
        #expect(answers.count == 1)
        answers.give("1")
        #expect(try await answer().body == "\"1\"")
        #expect(answers.count == 1)
        #expect(try await passedOn().isEmpty)
        answers.give("2")
        #expect(try await answer().body == "\"2\"")
        #expect(try await passedOn() == [head(.get, "/domains"), .end(nil)])
    }

    @Test func `A request that is not whole by the end of a read is the server's`() async throws {
        let parts = post("a")
        try await receive([parts[0]])
        #expect(try await passedOn() == [parts[0]])
        try await receive([parts[1], parts[2]])
        #expect(try await passedOn() == [parts[1], parts[2]])
        #expect(answers.count == 0)
    }

    @Test func `While the server answers a request the next ones are the server's`() async throws {
        try await receive([head(.get, "/domains"), .end(nil)] + post("a"))
        #expect(try await passedOn() == [head(.get, "/domains"), .end(nil)] + post("a"))
        for _ in 1...2 {
            try await channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
            try await channel.writeOutbound(HTTPResponsePart.end(nil))
        }
        try await receive(post("b"))
        #expect(answers.count == 1)
    }

    @Test func `What is not answered directly is passed on whole`() async throws {
        try await receive(post("not mine") + post("a"))
        #expect(try await passedOn() == post("not mine") + post("a"))
    }

    @Test func `An error is rendered as the route renders it`() async throws {
        try await receive(post("wrong"))
        #expect(try await answer().body == "wrong")
    }

    @Test func `An answer to a connection that is closed is dropped`() async throws {
        try await receive(post("a") + post("b"))
        try await channel.close()
        answers.give("1")
        await channel.testingEventLoop.run()
        #expect(answers.count == 0)
    }
}
