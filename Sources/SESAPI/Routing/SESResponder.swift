import Access
import Concurrency
import Hummingbird
import JSON
import MailModel
import Web

/// Authenticates and authorises the caller of an operation, runs it, and answers errors in SES's words.
struct SESResponder: HTTPResponder {
    typealias Context = APIContext

    /// The version of the API.
    enum Version: Sendable {
        case query([String: QueryOperation])
        case rest(RESTOperation)
    }

    let version: Version
    let authenticator: Authenticator
    /// The largest body, in bytes.
    let limit: Int

    func respond(to request: Request, context: APIContext) async throws -> Response {
        do {
            let signed = try await SignedRequest(request, context, limit: limit, authenticator)
            return try await Caller.$current.withValue(signed.caller.principal.shareholder) { try await answer(signed) }
        } catch {
            return response(to: error, context)
        }
    }

    private func answer(_ signed: SignedRequest) async throws -> Response {
        switch version {
        case .query(let operations):
            let parameters = try FormParameters(Array(signed.body.readableBytesView))
            let name = try parameters.required("Action")
            guard let operation = operations[name] else { throw SESFault.unknownAction(name) }
            try check(operation.actions, operation.name, signed.caller)
            let write = try await operation.run(parameters, signed.caller)
            return Self.document(name, signed.caller, write)
        case .rest(let operation):
            try check(operation.actions, operation.name, signed.caller)
            let body = try signed.request.object(in: signed.body) ?? JSONObject()
            let request = RESTRequest(request: signed.request, body: body, query: try RESTQuery(signed.request.httpRequest.uri.query))
            let write = try await operation.run(request, signed.caller)
            return .json(headers: .ofAnswer(requestID: signed.caller.requestID)) { $0.object(write) }
        }
    }

    private static func document(_ action: String, _ caller: SESCaller, _ write: QueryAnswer) -> Response {
        var writer = XMLWriter()
        writer.document("\(action)Response") { response in
            response.element("\(action)Result", write)
            response.element("ResponseMetadata") { $0.element("RequestId", caller.requestID) }
        }
        return .xml(.ok, writer, requestID: caller.requestID)
    }

    private func check(_ actions: [Action], _ name: String, _ caller: SESCaller) throws(SESFault) {
        for action in actions {
            guard let refusal = caller.principal.refusal(of: action) else { continue }
            throw SESFault(
                .init("AccessDenied", .forbidden), rest: .init("AccessDeniedException", .forbidden),
                "User: \(caller.principal.operatorName) is not authorized to perform: ses:\(name). \(refusal.explanation)")
        }
    }

    private func response(to error: any Error, _ context: APIContext) -> Response {
        let fault = SESFault(error)
        if fault == nil || fault?.query.status.kind == .serverError { context.record.note(fault: error) }
        let answered = fault ?? .internalFailure
        switch version {
        case .query: return answered.queryResponse(requestID: context.record.id)
        case .rest: return answered.restResponse(requestID: context.record.id)
        }
    }
}
