public import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension MartletAPI {
    /// The largest answer that is held in memory.
    private static let largestAnswer = 64 * 1024 * 1024

    /// Makes a request, again where ``RetryPolicy`` says so, and returns the answer of any status.
    ///
    /// - Throws: errors of the HTTP client where no answer comes; `CancellationError`.
    public func perform(_ request: ClientRequest) async throws -> ClientResponse {
        var attempt = 1
        while true {
            let result = await outcome(of: request)
            guard let delay = retries.delay(after: result, of: request, attempt: attempt, random: .random(in: 0..<1)) else {
                return try result.get()
            }
            try await Task.sleep(for: delay)
            attempt += 1
        }
    }

    /// Makes a request once, and returns the answer of any status, whose body is still to be read.
    ///
    /// - Throws: errors of the HTTP client where no answer comes.
    public func open(_ request: ClientRequest) async throws -> HTTPClientResponse {
        var message = HTTPClientRequest(url: url + request.path)
        message.method = request.method
        message.headers = request.headers
        message.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(token)")
        switch request.body {
        case .none: break
        case .bytes(let bytes): message.body = .bytes(bytes)
        case .stream(let body): message.body = body
        }
        let deadline = request.timeout.map { NIODeadline.now() + TimeAmount($0) } ?? .distantFuture
        return try await httpClient.execute(message, deadline: deadline)
    }

    private func outcome(of request: ClientRequest) async -> Result<ClientResponse, any Error> {
        do {
            let response = try await open(request)
            let answer = try await Self.collected(response)
            return .success(answer)
        } catch {
            return .failure(error)
        }
    }

    /// Reads the body of an answer.
    ///
    /// - Throws: where it breaks off, or is larger than 64 MB.
    public static func collected(_ response: HTTPClientResponse) async throws -> ClientResponse {
        let body = try await response.body.collect(upTo: largestAnswer)
        return ClientResponse(status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView))
    }
}

extension MartletAPI {
    /// Makes a request with a value as JSON, and returns the value of the answer.
    func call<Answer: Decodable>(_ method: HTTPMethod, _ path: String, query: [(name: String, value: String?)] = [], as type: Answer.Type)
        async throws -> Answer
    {
        let response = try await perform(ClientRequest(method, path, query: query))
        return try response.decoded(as: type)
    }

    func call<Answer: Decodable>(
        _ method: HTTPMethod, _ path: String, query: [(name: String, value: String?)] = [], sending value: some Encodable,
        idempotencyKey: String? = nil, as type: Answer.Type
    ) async throws -> Answer {
        var request = ClientRequest(method, path, query: query, body: .bytes(try ClientCoding.encode(value)))
        request.headers.add(name: "Content-Type", value: "application/json")
        if let idempotencyKey { request.headers.add(name: ClientRequest.idempotencyKey, value: idempotencyKey) }
        let response = try await perform(request)
        return try response.decoded(as: type)
    }

    /// Makes a request whose answer has no body.
    func call(_ method: HTTPMethod, _ path: String, query: [(name: String, value: String?)] = []) async throws {
        let response = try await perform(ClientRequest(method, path, query: query))
        guard response.isSuccess else { throw ServerRefusal(response) }
    }
}
