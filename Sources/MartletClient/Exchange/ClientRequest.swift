public import AsyncHTTPClient
import Encoding
public import NIOHTTP1

/// A request of the API, for operations that have no method of their own here.
public struct ClientRequest: Sendable {
    /// The content of a request.
    public enum Body: Sendable {
        /// None.
        case none
        /// Bytes, which can be sent again.
        case bytes([UInt8])
        /// A stream, which is sent once.
        case stream(HTTPClientRequest.Body)
    }

    /// The method.
    public var method: HTTPMethod
    /// The path with its query, such as `/emails?limit=10`.
    public var path: String
    /// Header fields, besides the token.
    public var headers: HTTPHeaders
    /// The content.
    public var body: Body
    /// The time within which the head of the answer has to arrive; `nil` for no limit.
    public var timeout: Duration?

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - path: the path, percent-encoded where it needs to be.
    ///   - query: parameters, of which those without a value are left out.
    ///   - body: the content.
    public init(_ method: HTTPMethod, _ path: String, query: [(name: String, value: String?)] = [], body: Body = .none) {
        self.method = method
        let parameters = query.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        self.path = parameters.isEmpty ? path : path + "?" + parameters.joined(separator: "&")
        headers = [:]
        self.body = body
        timeout = .seconds(30)
    }

    /// Whether the content can be sent again.
    var isRepeatable: Bool {
        if case .stream = body { return false }
        return true
    }

    /// Whether it changes no more when it arrives twice: by its method, or by its idempotency key.
    var isIdempotent: Bool {
        [.GET, .HEAD, .PUT, .DELETE].contains(method) || headers.contains(name: Self.idempotencyKey)
    }

    /// The header field under which the server accepts a request once.
    static let idempotencyKey = "Idempotency-Key"
}
