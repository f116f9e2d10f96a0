import Hummingbird
import JSON
import MailModel
import NIOCore
import Sending
import Web

/// `POST /emails/batch`: several emails, each of which succeeds or fails on its own (specification 5.7).
extension EmailController {
    private static let mostEmails = 1000

    static let sendBatchDocumentation = Documentation(
        "Send up to 1,000 emails, each of which succeeds or fails on its own", query: sendDocumentation.query,
        headers: sendDocumentation.headers,
        body: .json(
            newEmails.reference,
            example:
                #"{"emails": [{"from": "news@shop.example", "to": "success@simulator.martlet.test", "subject": "Our offer", "text": "New."}]}"#
        ),
        .json(
            .ok, "The outcome of each, in the order of the request: status is that of `POST /emails`.",
            .envelope(.array(EmailResources.batchItem.reference))))

    private static let newEmails = Component(
        "NewEmails",
        .fields([
            .init(
                "emails", .array(newEmail.reference), "1 to \(mostEmails) emails, each of which succeeds or fails on its own.",
                example: [
                    [
                        "from": "news@shop.example", "to": "success@simulator.martlet.test", "subject": "Our offer",
                        "text": "We have a new offer.",
                    ]
                ])
        ]))

    func sendBatch(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let body = try await request.body(upTo: largest.body)
        guard let object = try request.object(in: body) else { throw APIError(.badRequest, "The body is empty, expected a JSON object") }
        let items = try Self.items(of: object)
        let emails = try emails(items, of: request, body: body)
        try largest.check(emails.compactMap { try? $0.get() }, body: body.readableBytes)
        for (item, email) in zip(items, emails) {
            guard case .failure(let error as APIError) = email else { continue }
            submission.refusals.record(error, of: item.objectValue ?? JSONObject(), by: principal)
        }
        let outcomes = await accept(emails, by: principal)
        for case .failure(let error) in outcomes where APIError(error) == nil { request.context.record.note(fault: error) }
        return .streamed(request, at: clock(), outcomes) { outcome, writer in
            EmailResources.batchItem.write(outcome.mapError { APIError($0) ?? .internalError }, to: &writer)
        }
    }

    private func emails(_ items: [JSONValue], of request: APIRequest, body: ByteBuffer) throws -> [Result<EmailRequest, any Error>] {
        let key = try request.idempotencyKey()
        let unsubscribeText = request.query["unsubscribeMsg"]
        let fingerprint = key == nil ? [] : fingerprint(of: body, unsubscribeText: unsubscribeText)
        return items.enumerated().map { index, item in
            Self.email(item, at: index).map { email in
                var email = email
                email.trace = request.context.record.trace
                email.unsubscribeText = unsubscribeText
                // The control character distinguishes it from every key of a single email.
                email.idempotencyKey = key.map { "\($0)\u{1F}\(index)" }
                email.fingerprint = fingerprint
                email.transactionID = request.context.record.id
                return email
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

    private static func email(_ item: JSONValue, at index: Int) -> Result<EmailRequest, any Error> {
        guard let object = item.objectValue else {
            return .failure(APIError.invalid("emails[\(index)]", "expected an object, found \(item.kind)"))
        }
        return Result { try EmailRequest(object) }
    }

    /// Returns the outcome of each email, also of those that could not be read.
    private func accept(
        _ emails: [Result<EmailRequest, any Error>], by principal: Principal
    ) async -> [Result<Submission.Acceptance, any Error>] {
        var accepted = await submission.accept(emails.compactMap { try? $0.get() }, by: principal)[...]
        return emails.map { email in
            switch email {
            case .success: accepted.popFirst() ?? .failure(APIError.internalError)
            case .failure(let error): .failure(error)
            }
        }
    }
}
