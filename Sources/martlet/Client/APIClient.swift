import AsyncHTTPClient
import Encoding
import JSON
import MartletClient
import NIOCore
import NIOHTTP1

/// What the commands call of a running server: the client library, with answers as JSON, which is shown as it is.
struct APIClient: Sendable {
    let server: MartletAPI

    /// The URL of the server, without a slash at the end.
    var url: String { server.url }

    /// A command is made once: who runs it sees what happens, and tries again.
    init(url: String, token: String) {
        server = MartletAPI(url: url, token: token, retries: .never, httpClient: .commands)
    }

    /// An answer of the server.
    struct Answer: Sendable {
        var status: Int
        /// The body; `nil` where it is no JSON.
        var document: JSONValue?

        /// The members of the answer; none where it is no JSON object.
        var body: JSONObject { document?.objectValue ?? JSONObject() }

        /// The objects of an answer that is an array.
        var elements: [JSONObject] { (document?.arrayValue ?? []).compactMap(\.objectValue) }

        var isSuccess: Bool { (200..<300).contains(status) }

        /// `data` of the email API's envelope.
        var data: JSONObject? { body["data"]?.objectValue }

        /// The reason of a refusal, as the server gives it.
        var explanation: String {
            let words = body["detail"]?.stringValue ?? body["meta"]?.objectValue?["explain"]?.stringValue
            return words ?? "the server answered \(status)"
        }
    }

    /// - Throws: ``CommandFailure`` when no answer comes; a refusal is an answer.
    func get(_ path: String) async throws -> Answer {
        try await exchange(ClientRequest(.GET, path))
    }

    /// - Throws: ``CommandFailure`` when no answer comes; a refusal is an answer.
    func post(_ path: String, _ body: JSONObject? = nil, headers: [(String, String)] = []) async throws -> Answer {
        try await send(.POST, path, body, headers: headers)
    }

    /// - Throws: ``CommandFailure`` when no answer comes; a refusal is an answer.
    func put(_ path: String, _ body: JSONObject) async throws -> Answer {
        try await send(.PUT, path, body)
    }

    private func send(_ method: HTTPMethod, _ path: String, _ body: JSONObject?, headers: [(String, String)] = []) async throws -> Answer {
        var request = ClientRequest(method, path)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(JSONValue.object(body).serialized)
        }
        return try await exchange(request)
    }

    /// Sends a request with the token.
    ///
    /// - Throws: ``CommandFailure`` when no answer comes.
    func exchange(_ request: ClientRequest) async throws -> Answer {
        do {
            let response = try await server.perform(request)
            return Answer(response)
        } catch {
            throw CommandFailure("No answer from \(url): \(error)")
        }
    }
}

extension APIClient.Answer {
    init(_ response: ClientResponse) {
        self.init(status: response.status, document: try? JSONValue.parse(response.body))
    }
}

extension String {
    /// Returns a path with a query of the parameters that have a value.
    func with(query: [String: String?]) -> String {
        let parameters = query.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        return parameters.isEmpty ? self : "\(self)?\(parameters.sorted().joined(separator: "&"))"
    }
}

extension APIClient.Answer {
    /// Returns the answer.
    ///
    /// - Throws: ``CommandFailure`` for a refusal.
    func successful(_ call: String) throws -> APIClient.Answer {
        guard isSuccess else { throw CommandFailure("\(call): \(explanation)") }
        return self
    }
}

extension HTTPClient {
    /// The HTTP client of the commands, which lives as long as the program.
    ///
    /// A refused connection is an error at once; the shared client would retry until the time-out.
    static let commands: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()
}
