import Hummingbird
import MailModel
import Web

/// An operation of the API: a method of a path, its access, its handler and its documentation.
///
/// The routes, the answers 404 and 405, `/openapi.json` and `/docs` are all derived from the operations, so that they cannot differ.
struct Operation: Sendable {
    /// Who may call.
    enum Access: Sendable, Equatable {
        /// Everybody, without a token.
        case open
        /// The master, and keys with this scope.
        case scope(Scope)
        /// The master only.
        case master
        /// Holders of the metrics token, and the master.
        case metrics
    }

    typealias Handler = @Sendable (APIRequest, Principal) async throws -> Response
    typealias OpenHandler = @Sendable (APIRequest) async throws -> Response

    enum Action: Sendable {
        case open(OpenHandler)
        case authenticated(Handler)
        case metrics(OpenHandler)
    }

    let method: HTTPRequest.Method
    /// With the names of parameters in braces: `/domains/{name}`.
    let path: String
    let access: Access
    let documentation: Documentation
    let action: Action

    init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Scope, _ documentation: Documentation, _ handler: @escaping Handler
    ) {
        self.init(method, path, .scope(access), documentation, .authenticated(handler))
    }

    static func master(
        _ method: HTTPRequest.Method, _ path: String, _ documentation: Documentation, _ handler: @escaping Handler
    ) -> Operation {
        Operation(method, path, .master, documentation, .authenticated(handler))
    }

    static func metrics(_ path: String, _ documentation: Documentation, _ handler: @escaping OpenHandler) -> Operation {
        Operation(.get, path, .metrics, documentation, .metrics(handler))
    }

    static func open(
        _ method: HTTPRequest.Method, _ path: String, _ documentation: Documentation, _ handler: @escaping OpenHandler
    ) -> Operation {
        Operation(method, path, .open, documentation, .open(handler))
    }

    private init(_ method: HTTPRequest.Method, _ path: String, _ access: Access, _ documentation: Documentation, _ action: Action) {
        self.method = method
        self.path = path
        self.access = access
        self.documentation = documentation
        self.action = action
    }
}
