import AsyncHTTPClient
import Foundation
import JSON
import NIOCore
import NIOHTTP1

/// Calls a running server.
struct APIClient: Sendable {
    /// Without a slash at the end.
    let url: String
    let token: String

    struct Answer: Sendable {
        var status: Int
        /// `nil` where the answer is no JSON.
        var document: JSONValue?

        /// The members of the answer; none where it is no JSON object.
        var body: JSONObject { document?.objectValue ?? JSONObject() }

        /// The objects of an answer that is an array.
        var elements: [JSONObject] { (document?.arrayValue ?? []).compactMap(\.objectValue) }

        var isSuccess: Bool { (200..<300).contains(status) }

        /// `data` of the email API's envelope.
        var data: JSONObject? { body["data"]?.objectValue }

        /// Why the server refused, in its own words.
        var explanation: String {
            let words = body["detail"]?.stringValue ?? body["meta"]?.objectValue?["explain"]?.stringValue
            return words ?? "the server answered \(status)"
        }
    }

    private static let largestAnswer = 16 * 1024 * 1024

    /// - Throws: ``CommandFailure`` when no answer comes; a refusal is an answer.
    func get(_ path: String) async throws -> Answer {
        try await exchange(HTTPClientRequest(url: url + path))
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
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(JSONValue.object(body).serialized)
        }
        return try await exchange(request)
    }

    /// - Parameter deadline: half a minute from now when none is given.
    func exchange(_ request: HTTPClientRequest, deadline: NIODeadline = .now() + .seconds(30)) async throws -> Answer {
        var request = request
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        do {
            return try await answer(try await HTTPClient.commands.execute(request, deadline: deadline))
        } catch {
            throw CommandFailure("No answer from \(url): \(error)")
        }
    }

    func answer(_ response: HTTPClientResponse) async throws -> Answer {
        let content = try await response.body.collect(upTo: Self.largestAnswer)
        return Answer(status: Int(response.status.code), document: try? JSONValue.parse(Array(content.readableBytesView)))
    }
}

extension String {
    /// Percent-encoded, to stand as a value in a query.
    var queryEncoded: String {
        let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    /// A path with those parameters that there are.
    func with(query: [String: String?]) -> String {
        let parameters = query.compactMap { name, value in value.map { "\(name)=\($0.queryEncoded)" } }
        return parameters.isEmpty ? self : "\(self)?\(parameters.sorted().joined(separator: "&"))"
    }
}

extension APIClient.Answer {
    /// The answer itself, unless it is a refusal.
    func successful(_ call: String) throws -> APIClient.Answer {
        guard isSuccess else { throw CommandFailure("\(call): \(explanation)") }
        return self
    }
}
