import Crypto
import Hummingbird
import JSON
import MailModel
import NIOCore
import Sending
import Storage
import Web

/// `/emails`: sending, and looking up what was sent (specification 5).
struct EmailController: Sendable {
    let submission: Submission
    let mailbox: SentEmails
    let largest: EmailSize
    let clock: @Sendable () -> Timestamp

    var operations: [Operation] {
        [
            Operation(.post, "/emails", .send, Self.sendDocumentation, send),
            Operation(.post, "/emails/batch", .send, Self.sendBatchDocumentation, sendBatch),
            Operation(.get, "/emails", .read, Self.listDocumentation, list),
            Operation(.get, "/emails/{id}", .read, Self.findDocumentation, find),
            Operation(.delete, "/emails/{id}", .send, Self.cancelDocumentation, cancel),
            Operation(.get, "/emails/{id}/source", .read, Self.sourceDocumentation, source),
        ]
    }

    private func send(_ call: APIRequest, by principal: Principal) async throws -> Response {
        let body = try await call.body(upTo: largest.body)
        guard let object = try call.object(in: body) else { throw APIError(.badRequest, "The body is empty, expected a JSON object") }
        var request = try EmailRequest(object)
        try largest.check([request], body: body.readableBytes)
        request.unsubscribeText = call.query["unsubscribeMsg"]
        if let key = try call.idempotencyKey() {
            request.idempotencyKey = key
            request.transactionID = call.context.record.id
            request.fingerprint = fingerprint(of: body, unsubscribeText: request.unsubscribeText)
        }
        let acceptance = try await submission.accept(request, by: principal)
        let first = acceptance.firstAnswer
        return .envelope(
            call, .accepted, at: first?.time ?? clock(), transactionID: first?.transactionID, explain: acceptance.note
        ) { writer in
            writer.object { acceptance.writeFields(to: &$0) }
        }
    }

    private func list(_ call: APIRequest, by principal: Principal) async throws -> Response {
        let filter = try EmailFilter(call.query)
        let limit = try call.query.limit()
        let after = try call.query.value("after", "the id of an email", EmailID.init)
        let found = try await mailbox.emails(matching: filter, by: principal, after: after, limit: limit + 1)
        return .page(call, of: found, limit: limit, at: clock(), next: \.id.description) { $0.writeSummary(to: &$1) }
    }

    private func find(_ call: APIRequest, by principal: Principal) async throws -> Response {
        guard let found = try await mailbox.email(try call.emailID(), by: principal) else { throw APIError.notFound("Email") }
        return .envelope(call, at: clock()) { found.write(to: &$0) }
    }

    /// A call that is repeated finds its work done.
    private func cancel(_ call: APIRequest, by principal: Principal) async throws -> Response {
        guard let status = try await submission.cancel(try call.emailID(), by: principal) else { throw APIError.notFound("Email") }
        guard status == .cancelled else {
            throw APIError(
                .conflict, "Only an email that is SCHEDULED can be cancelled, this one is \(status.rawValue)", emailStatus: status)
        }
        return .noContent
    }

    /// The message as it is sent, to be saved and opened by a mail program; `text/plain` for those who ask for it, to be looked at.
    private func source(_ call: APIRequest, by principal: Principal) async throws -> Response {
        guard let source = try await mailbox.source(of: try call.emailID(), by: principal) else { throw APIError.notFound("Email") }
        let wantsText = call.request.headers[.accept]?.lowercased().hasPrefix("text/plain") ?? false
        return Response(
            status: .ok,
            headers: [
                .contentType: wantsText ? "text/plain; charset=utf-8" : "message/rfc822",
                // What customers write must never run in a browser.
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: source)))
    }

    func fingerprint(of body: ByteBuffer, unsubscribeText: String?) -> [UInt8] {
        var hash = SHA256()
        body.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        // A byte that stands in no text parts the body from the parameter.
        hash.update(data: [0xFF] + Array((unsubscribeText ?? "").utf8))
        return Array(hash.finalize())
    }
}

extension APIRequest {
    private static let idempotencyKeyName = HTTPFields.Element.Name("Idempotency-Key")

    /// The `Idempotency-Key` header field.
    func idempotencyKey() throws(APIError) -> String? {
        guard let key = Self.idempotencyKeyName.flatMap({ request.headers[$0] }) else { return nil }
        guard (1...256).contains(key.unicodeScalars.count) else { throw .invalid("Idempotency-Key", "expected 1 to 256 characters") }
        return key
    }

    /// The id in the path; what has no id's form is an id that no email has.
    fileprivate func emailID() throws(APIError) -> EmailID {
        guard let id = EmailID(try parameter("id")) else { throw .notFound("Email") }
        return id
    }
}
