import Hummingbird
import MailModel
import NIOCore
import Web

/// An operation of the API: a method of a path, the action that it is, its handler, the form of its errors and its documentation.
///
/// The routes, the answers 404 and 405, `/openapi.json` and `/docs` are all derived from the operations, so that they cannot differ.
struct Operation: Sendable {
    /// Who may call.
    enum Access: Sendable, Equatable {
        /// Everybody, without a token.
        case open
        /// Those who may do this.
        case action(Action)
        /// Holders of the metrics token, and those who may read the metrics.
        case metrics
    }

    typealias Handler = @Sendable (APIRequest, Principal) async throws -> Response
    /// Begins to answer a request without a task, with its body; returns false where the handler has to.
    typealias DirectHandler =
        @Sendable (
            APIRequest, ByteBuffer, Principal, @escaping DirectResponder.Answer
        ) throws -> Bool
    typealias OpenHandler = @Sendable (APIRequest) async throws -> Response

    enum Responder: Sendable {
        case open(OpenHandler)
        case authenticated(Handler)
        case metrics(OpenHandler)
    }

    let method: HTTPRequest.Method
    /// With the names of parameters in braces: `/domains/{name}`.
    let path: String
    let access: Access
    let documentation: Documentation
    let responder: Responder
    /// Answers requests that need no lookup, without a task; `nil` where there are none.
    private(set) var direct: DirectHandler?
    /// The form of its errors, which is that of its other answers.
    private(set) var errors: ErrorFormat = .detail

    init(
        _ method: HTTPRequest.Method, _ path: String, _ action: Action, _ documentation: Documentation,
        directly direct: DirectHandler? = nil, _ handler: @escaping Handler
    ) {
        self.init(method, path, .action(action), documentation, .authenticated(handler))
        self.direct = direct
    }

    static func metrics(_ path: String, _ documentation: Documentation, _ handler: @escaping OpenHandler) -> Operation {
        Operation(.get, path, .metrics, documentation, .metrics(handler))
    }

    static func open(
        _ method: HTTPRequest.Method, _ path: String, _ documentation: Documentation, _ handler: @escaping OpenHandler
    ) -> Operation {
        Operation(method, path, .open, documentation, .open(handler))
    }

    private init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ documentation: Documentation, _ responder: Responder
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.documentation = documentation
        self.responder = responder
    }

    /// The action that the operation is; `nil` where it needs no token.
    var action: Action? {
        switch access {
        case .open: nil
        case .action(let action): action
        case .metrics: .metricsRead
        }
    }

    /// The operation with errors in envelopes, where its other answers are in envelopes.
    var inEnvelope: Operation {
        var operation = self
        operation.errors = .envelope
        return operation
    }
}

extension [Operation] {
    /// The operations with errors in envelopes.
    var inEnvelopes: [Operation] { map(\.inEnvelope) }
}
