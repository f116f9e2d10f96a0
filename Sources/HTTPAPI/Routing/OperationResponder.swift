import Access
import Concurrency
import Hummingbird
import MailModel
import Web

/// Authenticates and authorises the caller of an operation, and runs it.
struct OperationResponder: HTTPResponder {
    typealias Context = APIContext

    let operation: Operation
    let authenticator: Authenticator
    private let parameters: [String]

    init(_ operation: Operation, authenticator: Authenticator) {
        self.operation = operation
        self.authenticator = authenticator
        parameters = operation.documentation.query.map(\.name)
    }

    func respond(to request: Request, context: APIContext) async throws -> Response {
        switch operation.responder {
        case .open(let handler):
            // Load balancers and SNS may add any query.
            return try await handler(APIRequest(request, context: context, query: Query()))
        case .metrics(let handler):
            let mayRead = try await authenticator.mayReadMetrics(
                authorizationHeader: request.headers[.authorization], from: context.remoteAddress)
            guard mayRead else { throw APIError(.forbidden, code: .masterRequired, "Metrics token or master token required") }
            return try await handler(APIRequest(request, context: context, query: try query(of: request)))
        case .authenticated(let handler):
            let principal = try await authenticator.authenticate(
                authorizationHeader: request.headers[.authorization], from: context.remoteAddress)
            context.record.identify(principal)
            if let action = operation.action, let refusal = principal.refusal(of: action) { throw refusal }
            let apiRequest = APIRequest(request, context: context, query: try query(of: request))
            return try await Caller.$current.withValue(principal.shareholder) { try await handler(apiRequest, principal) }
        }
    }

    /// Answers the requests of callers that are known, without a task; `nil` where the operation has no such answers.
    var direct: DirectResponder? {
        guard let direct = operation.direct else { return nil }
        return DirectResponder { request, context, body, answer in
            guard
                let principal = authenticator.knownCaller(
                    authorizationHeader: request.headers[.authorization], from: context.remoteAddress)
            else { return false }
            context.record.identify(principal)
            if let action = operation.action, let refusal = principal.refusal(of: action) { throw refusal }
            let apiRequest = APIRequest(request, context: context, query: try query(of: request))
            guard apiRequest.reserve(body) else { return false }
            return try direct(apiRequest, body, principal, answer)
        }
    }

    private func query(of request: Request) throws(APIError) -> Query {
        guard let text = request.uri.query else { return Query() }
        let query = try Query(text)
        try query.check(against: parameters)
        return query
    }
}
