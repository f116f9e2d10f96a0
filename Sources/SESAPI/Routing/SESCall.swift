import Encoding
import JSON
import MailModel
import Web

/// Who makes a call, and where its signature says that SES is.
struct SESCaller: Sendable {
    let principal: Principal
    /// The account of the access key.
    let account: Account
    /// The region of the credential scope, which only stands in sentences.
    let region: String
    /// The id of the request, in its answer and in the log.
    let requestID: String
}

/// An operation of version 1: an `Action` of `POST /`.
struct QueryOperation: Sendable {
    let name: String
    /// What the caller has to be allowed to do: rows of the table of rights.
    let actions: [Action]
    /// Returns what writes the content of the result.
    let run: @Sendable (FormParameters, SESCaller) async throws -> QueryAnswer

    init(_ name: String, _ actions: Action..., run: @escaping @Sendable (FormParameters, SESCaller) async throws -> QueryAnswer) {
        self.name = name
        self.actions = actions
        self.run = run
    }
}

/// Writes the content of a result of version 1.
typealias QueryAnswer = @Sendable (inout XMLWriter) -> Void

/// An operation of version 2: a method of a path below `/v2/email`.
struct RESTOperation: Sendable {
    let name: String
    let method: HTTPMethod
    /// Below `/v2/email`, with the names of parameters in braces.
    let path: String
    /// What the caller has to be allowed to do: rows of the table of rights.
    let actions: [Action]
    let run: @Sendable (RESTRequest, SESCaller) async throws -> RESTAnswer

    init(
        _ name: String, _ method: HTTPMethod, _ path: String, _ actions: Action...,
        run: @escaping @Sendable (RESTRequest, SESCaller) async throws -> RESTAnswer
    ) {
        self.name = name
        self.method = method
        self.path = path
        self.actions = actions
        self.run = run
    }

    /// The methods that version 2 uses here.
    enum HTTPMethod: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }
}

/// Writes the members of an answer of version 2.
typealias RESTAnswer = @Sendable (inout JSONWriter) -> Void

/// What a call of version 2 sends.
struct RESTRequest {
    let request: APIRequest
    /// The body; empty where there is none.
    let body: JSONObject
    /// The values of each parameter of the query, in their order.
    let query: RESTQuery

    /// A parameter of the path, decoded.
    func parameter(_ name: String) throws(SESFault) -> String {
        do throws(APIError) { return try request.parameter(name) } catch { throw .invalid(error.message) }
    }
}

/// The parameters of a query, of which one may be given several times.
struct RESTQuery {
    private var values: [String: [String]] = [:]

    init(_ text: String?) throws(SESFault) {
        for item in (text ?? "").split(separator: "&", maxSplits: Query.maximumCount) {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0]), let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : "") else {
                throw .malformed("The query is not percent-encoded UTF-8.")
            }
            values[name, default: []].append(value)
        }
    }

    subscript(name: String) -> String? { values[name]?.first }

    func list(_ name: String) -> [String] { values[name] ?? [] }
}
