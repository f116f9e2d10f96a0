import Hummingbird
import JSON
import MailModel
import NIOCore
import Sending
import Web

/// `POST /emails/batch`: many emails, each of which succeeds or fails on its own (specification 5.7).
extension EmailController {
    private static let mostEmails = 1000

    static let sendBatchDocumentation = Documentation(
        "Send up to 1,000 emails, each on its own terms", query: sendDocumentation.query, headers: sendDocumentation.headers,
        body: .json(
            .reference("NewEmails"),
            example:
                #"{"emails": [{"from": "news@shop.example", "to": "success@simulator.martlet.test", "subject": "Our offer", "text": "New."}]}"#
        ),
        .json(
            .ok, "What became of each, in the order of the request: status is that of `POST /emails`.",
            .envelope(.array(.reference("BatchItem")))))

    static let batchSchemas: [(name: String, schema: Schema)] = [
        ("NewEmails", .fields([.init("emails", .array(.reference("NewEmail")))])),
        (
            "BatchItem",
            .object([.init("status", .integer), .optional("explain", .string), .optional("data", .object([]))])
        ),
    ]

    func sendBatch(_ call: APIRequest, by principal: Principal) async throws -> Response {
        let body = try await call.body(upTo: largest.body)
        guard let object = try call.object(in: body) else { throw APIError(.badRequest, "The body is empty, expected a JSON object") }
        let requests = try requests(Self.items(of: object), of: call, body: body)
        try largest.check(requests.compactMap { try? $0.get() }, body: body.readableBytes)
        let outcomes = await accept(requests, by: principal)
        for case .failure(let error) in outcomes where APIError(error) == nil { call.context.record.note(fault: error) }
        return .envelope(call, at: clock()) { writer in
            writer.array { array in
                for outcome in outcomes { Self.write(outcome, to: &array) }
            }
        }
    }

    private func requests(_ items: [JSONValue], of call: APIRequest, body: ByteBuffer) throws -> [Result<EmailRequest, any Error>] {
        let key = try call.idempotencyKey()
        let unsubscribeText = call.query["unsubscribeMsg"]
        let fingerprint = key == nil ? [] : fingerprint(of: body, unsubscribeText: unsubscribeText)
        return items.enumerated().map { index, item in
            Self.request(item, at: index).map { request in
                var request = request
                request.unsubscribeText = unsubscribeText
                // With a control character in it, it is no key that a single email could have.
                request.idempotencyKey = key.map { "\($0)\u{1F}\(index)" }
                request.fingerprint = fingerprint
                request.transactionID = call.context.record.id
                return request
            }
        }
    }

    private static func items(of object: JSONObject) throws(APIError) -> [JSONValue] {
        var fields = Fields(object)
        let items = fields.requiredValue("emails", "an array of 1 to \(mostEmails) objects") { value in
            value.arrayValue.flatMap { (1...mostEmails).contains($0.count) ? $0 : nil }
        }
        try fields.check(missingStatus: .badRequest)
        return items ?? []
    }

    private static func request(_ item: JSONValue, at index: Int) -> Result<EmailRequest, any Error> {
        guard let object = item.objectValue else {
            return .failure(APIError.invalid("emails[\(index)]", "expected an object, found \(item.kind)"))
        }
        return Result { try EmailRequest(object) }
    }

    /// What became of each request, those included that could not be read.
    private func accept(
        _ requests: [Result<EmailRequest, any Error>], by principal: Principal
    ) async -> [Result<Submission.Acceptance, any Error>] {
        var accepted = await submission.accept(requests.compactMap { try? $0.get() }, by: principal)[...]
        return requests.map { request in
            switch request {
            case .success: accepted.popFirst() ?? .failure(APIError.internalError)
            case .failure(let error): .failure(error)
            }
        }
    }

    private static func write(_ outcome: Result<Submission.Acceptance, any Error>, to writer: inout JSONWriter) {
        writer.object { item in
            switch outcome {
            case .success(let acceptance):
                item.member("status", 202)
                if let note = acceptance.note { item.member("explain", note) }
                item.member("data") { writer in writer.object { acceptance.writeFields(to: &$0) } }
            case .failure(let failure):
                let error = APIError(failure) ?? .internalError
                item.member("status", error.status.code)
                item.member("explain", error.message)
                if let status = error.emailStatus {
                    item.member("data") { writer in writer.object { $0.member("status", status.rawValue) } }
                }
            }
        }
    }
}
