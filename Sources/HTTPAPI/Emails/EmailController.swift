import Crypto
import Hummingbird
import JSON
import MailModel
import NIOCore
import Sending
import Storage
import Web

/// `/emails`: sending emails, and finding those that were sent (specification 5).
struct EmailController: Sendable {
    let submission: Submission
    let sentEmails: SentEmails
    let largest: EmailSize
    let clock: @Sendable () -> Timestamp

    var operations: [Operation] {
        [
            Operation(.post, "/emails", .emailsSend, Self.sendDocumentation, directly: sendDirectly, send),
            Operation(.post, "/emails/batch", .emailsSend, Self.sendBatchDocumentation, sendBatch),
            Operation(.get, "/emails", .emailsRead, Self.listDocumentation, list),
            Operation(.get, "/emails/{id}", .emailsRead, Self.findDocumentation, find),
            Operation(.delete, "/emails/{id}", .emailsCancel, Self.cancelDocumentation, cancel),
            Operation(.get, "/emails/{id}/source", .emailsRead, Self.sourceDocumentation, source),
        ].inEnvelopes
    }

    private func send(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let email = try self.email(in: try await request.body(upTo: largest.body), of: request, by: principal)
        let acceptance = try await submission.accept(email, by: principal)
        return Response(answer(request, acceptance))
    }

    private func sendDirectly(
        _ request: APIRequest, _ body: ByteBuffer, by principal: Principal, answer: @escaping DirectResponder.Answer
    ) throws -> Bool {
        guard body.readableBytes <= largest.body else { return false }
        let email = try email(in: body, of: request, by: principal)
        return try submission.accept(email, by: principal) { result in
            answer { self.answer(request, try result.get()) }
        }
    }

    private func email(in body: ByteBuffer, of request: APIRequest, by principal: Principal) throws(APIError) -> EmailRequest {
        var email = try readEmail(in: body, of: request, by: principal)
        email.unsubscribeText = request.query["unsubscribeMsg"]
        email.trace = request.context.record.trace
        if let key = try request.idempotencyKey() {
            email.idempotencyKey = key
            email.transactionID = request.context.record.id
            email.fingerprint = fingerprint(of: body, unsubscribeText: email.unsubscribeText)
        }
        return email
    }

    private func answer(_ request: APIRequest, _ acceptance: Submission.Acceptance) -> JSONAnswer {
        let first = acceptance.firstAnswer
        return .envelope(
            request, .accepted, at: first?.time ?? clock(), transactionID: first?.transactionID, explain: acceptance.note
        ) { EmailResources.accepted.write(.init(acceptance), to: &$0) }
    }

    private func readEmail(in body: ByteBuffer, of request: APIRequest, by principal: Principal) throws(APIError) -> EmailRequest {
        var members = JSONObject()
        do throws(APIError) {
            guard let object = try request.object(in: body) else {
                throw APIError(.badRequest, "The body is empty, expected a JSON object")
            }
            members = object
            let email = try EmailRequest(object)
            try largest.check([email], body: body.readableBytes)
            return email
        } catch {
            submission.refusals.record(error, of: members, by: principal)
            throw error
        }
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let filter = try EmailFilter(request.query)
        let limit = try request.query.limit()
        let after = try request.query.value("after", "the id of an email", EmailID.init)
        let found = try await sentEmails.emails(matching: filter, by: principal, after: after, limit: limit)
        return .page(request, of: found.emails, at: clock(), next: found.next?.description) { email, writer in
            EmailResources.summary.write(.init(email), to: &writer)
        }
    }

    private func find(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let found = try await sentEmails.email(try request.emailID(), by: principal) else { throw APIError.notFound("Email") }
        return .envelope(request, at: clock()) { EmailResources.found.write(.init(found), to: &$0) }
    }

    /// Idempotent: an email that is cancelled already is answered 204.
    private func cancel(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let status = try await submission.cancel(try request.emailID(), by: principal) else { throw APIError.notFound("Email") }
        guard status == .cancelled else {
            throw APIError(
                .conflict, "Only an email that is SCHEDULED can be cancelled, this one is \(status.rawValue)", emailStatus: status)
        }
        return .noContent
    }

    /// The message as it is sent, to be opened by a mail program; `text/plain` where `Accept` asks for it, to be read in a browser.
    private func source(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let source = try await sentEmails.source(of: try request.emailID(), by: principal) else { throw APIError.notFound("Email") }
        let wantsText = request.headers[.accept]?.lowercased().hasPrefix("text/plain") ?? false
        return Response(
            status: .ok,
            headers: [
                .contentType: wantsText ? "text/plain; charset=utf-8" : "message/rfc822",
                // Content of customers must never be executed by a browser.
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: source)))
    }

    func fingerprint(of body: ByteBuffer, unsubscribeText: String?) -> [UInt8] {
        var hash = SHA256()
        body.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        // A byte that is not valid in UTF-8 separates the body from the parameter.
        hash.update(data: [0xFF] + Array((unsubscribeText ?? "").utf8))
        return Array(hash.finalize())
    }
}

extension RefusalLog {
    /// Records the refusal of a request that could not be read as an email.
    ///
    /// - Parameter object: its body, or its part of a batch; empty where that is no object.
    func record(_ error: APIError, of object: JSONObject, by principal: Principal) {
        record(
            status: error.status.code, error.code, error.message, recipient: object["to"]?.stringValue, sender: object["from"]?.stringValue,
            by: principal)
    }
}

extension APIRequest {
    private static let idempotencyKeyName = HTTPFields.Element.Name("Idempotency-Key")

    /// Returns the `Idempotency-Key` header field; `nil` where it is not given.
    func idempotencyKey() throws(APIError) -> String? {
        guard let key = Self.idempotencyKeyName.flatMap({ headers[$0] }) else { return nil }
        guard (1...256).contains(key.unicodeScalars.count) else { throw .invalid("Idempotency-Key", "expected 1 to 256 characters") }
        return key
    }

    /// Returns the id in the path.
    ///
    /// - Throws: ``APIError`` 404 for a text that is not an id.
    fileprivate func emailID() throws(APIError) -> EmailID {
        guard let id = EmailID(try parameter("id")) else { throw .notFound("Email") }
        return id
    }
}

extension EmailFilter {
    /// The filters in the query of `GET /emails` (specification 13.2).
    init(_ query: Query) throws(APIError) {
        self.init()
        status = try query.choice("status")
        recipient = try query.value("to", "an email address") { try? EmailAddress($0) }
        sender = try query.value("from", "an email address") { try? EmailAddress($0) }
        externalID = query["externalId"]
        clientID = query["clientId"]
        tag = query["tag"]
        since = try query.value("since", "an RFC 3339 time", Timestamp.init(rfc3339:))
        until = try query.value("until", "an RFC 3339 time", Timestamp.init(rfc3339:))
    }
}
