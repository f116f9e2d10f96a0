import Hummingbird
import MailModel
import NIOCore
import Sending
import Storage
import Web

/// `/dashboard/emails`: the emails that were accepted, and their timelines.
struct EmailPages: Section {
    let sentEmails: SentEmails
    let submission: Submission

    private static let pageSize = 50

    var pages: [Page] {
        [
            .get("/dashboard/emails", .emailsRead, list),
            .get("/dashboard/emails/{id}", .emailsRead, show),
            .get("/dashboard/emails/{id}/preview", .emailsRead, preview),
            .get("/dashboard/emails/{id}/message", .emailsRead, message),
            .post("/dashboard/emails/{id}/cancel", .emailsCancel, cancel),
            .post("/dashboard/emails/{id}/resend", .emailsSend, resend),
        ]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let search = EmailSearchForm(request.query)
        guard search.fields.problem == nil else {
            return request.page(.emails, "Emails", EmailsModel(EmailPage([], next: nil), search, request))
        }
        let found = try await sentEmails.emails(
            matching: search.filter, by: request.principal, of: request.account?.id, after: search.after, limit: Self.pageSize)
        return request.page(.emails, "Emails", EmailsModel(found, search, request))
    }

    private func show(_ request: DashboardRequest) async throws -> Response {
        let found = try await found(request)
        let email = found.email
        let view = EmailModel.View(rawValue: request.query["view"] ?? "")
        let source = view == .source ? try await sentEmails.source(of: email.id, by: request.principal) : nil
        let related = try await sentEmails.related(to: email, by: request.principal)
        let preview = sentEmails.preview(of: email, by: request.principal)
        let model = EmailModel(found, related, preview, view, source: source, request)
        return request.page(.email, model.subject, model)
    }

    /// The HTML alone, for the sandboxed frame of the page.
    private func preview(_ request: DashboardRequest) async throws -> Response {
        let email = try await found(request).email
        guard let html = sentEmails.preview(of: email, by: request.principal).html else { throw APIError.notFound("HTML") }
        return .preview(html)
    }

    private func message(_ request: DashboardRequest) async throws -> Response {
        let email = try await found(request).email
        guard let source = try await sentEmails.source(of: email.id, by: request.principal) else { throw APIError.notFound("Email") }
        return Response(
            status: .ok,
            headers: [
                .contentType: "message/rfc822", .contentDisposition: "attachment; filename=\"\(email.id).eml\"", .cacheControl: "no-store",
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: source)))
    }

    private func cancel(_ request: DashboardRequest) async throws -> Response {
        let email = try await found(request).email
        let status = try await submission.cancel(email.id, by: request.principal)
        let page = request.link("/dashboard/emails/\(email.id)")
        guard status == .cancelled else {
            return request.redirect(page, saying: "Too late: the email is not scheduled any more.", tone: .bad)
        }
        return request.redirect(page, saying: "The email is cancelled: it will not be sent.")
    }

    /// Sends the email once more, as a new one.
    private func resend(_ request: DashboardRequest) async throws -> Response {
        let email = try await found(request).email
        let repetition = try await sentEmails.repetition(of: email.id, by: request.principal)
        let acceptance = try await submission.accept(repetition, by: request.principal)
        return request.redirect(
            request.link("/dashboard/emails/\(acceptance.email.id)"), saying: acceptance.note ?? "Sent again: this is the new email.",
            tone: acceptance.note == nil ? .good : .warning)
    }

    private func found(_ request: DashboardRequest) async throws -> SentEmails.Found {
        guard let id = EmailID(try request.parameter("id")), let found = try await sentEmails.email(id, by: request.principal) else {
            throw APIError(.notFound, "There is no such email, or it is not kept any more.")
        }
        return found
    }
}

extension Response {
    /// A document for the sandboxed frame.
    ///
    /// Whatever is in the HTML, its policy forbids scripts, forms and requests.
    fileprivate static func preview(_ html: String) -> Response {
        let markup = """
            <!DOCTYPE html><html><head><meta charset="utf-8"><title>Preview</title><style>
            html { color-scheme: light; background: #fff; color: #111; font: 16px/1.5 sans-serif; } body { margin: 16px; overflow-wrap: break-word; }
            a { color: #2b4acb; text-decoration: underline; } img { max-width: 100%; }
            .martlet-image { display: inline-block; padding: 4px 10px; border: 1px dashed #767676; color: #555; font-size: 13px; }
            </style></head><body>\(html)</body></html>
            """
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
                .referrerPolicy: "no-referrer",
                .contentSecurityPolicy: """
                sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
                frame-ancestors 'self'
                """,
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: markup)))
    }
}

extension Template {
    static let emails = Template(PackageResources.emails_mustache)
    static let email = Template(PackageResources.email_mustache)
}
