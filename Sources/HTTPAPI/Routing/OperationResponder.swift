import Access
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
        switch operation.action {
        case .open(let handler):
            // Load balancers and SNS may add any query.
            return try await handler(APIRequest(request, context: context, query: Query()))
        case .metrics(let handler):
            let mayRead = try await authenticator.mayReadMetrics(
                authorizationHeader: request.headers[.authorization], from: context.remoteAddress)
            guard mayRead else { throw APIError(.forbidden, "Metrics token or master token required") }
            return try await handler(APIRequest(request, context: context, query: try query(of: request)))
        case .authenticated(let handler):
            let principal = try await authenticator.authenticate(
                authorizationHeader: request.headers[.authorization], from: context.remoteAddress)
            context.record.identify(principal)
            try authorize(principal)
            return try await handler(APIRequest(request, context: context, query: try query(of: request)), principal)
        }
    }

    private func authorize(_ principal: Principal) throws(APIError) {
        switch operation.access {
        case .open, .metrics: break
        case .scope(let scope):
            guard principal.allows(scope) else { throw APIError(.forbidden, "The API key lacks the scope \(scope.rawValue)") }
        case .master:
            guard principal.isMaster else { throw APIError(.forbidden, "Master token required") }
        }
    }

    private func query(of request: Request) throws(APIError) -> Query {
        guard let text = request.uri.query else { return Query() }
        let query = try Query(text)
        try query.check(against: parameters)
        return query
    }
}
