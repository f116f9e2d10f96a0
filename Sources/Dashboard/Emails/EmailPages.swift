import Hummingbird
import MailModel
import NIOCore
import Sending
import Web

/// `/dashboard/emails`: what was sent, and what became of it.
struct EmailPages: Section {
    let mailbox: SentEmails
    let submission: Submission

    private static let pageSize = 50

    var pages: [Page] {
        [
            .get("/dashboard/emails", .scope(.read), list),
            .get("/dashboard/emails/{id}", .scope(.read), show),
            .get("/dashboard/emails/{id}/preview", .scope(.read), preview),
            .get("/dashboard/emails/{id}/message", .scope(.read), message),
            .post("/dashboard/emails/{id}/cancel", .scope(.send), cancel),
        ]
    }

    private func list(_ visit: DashboardRequest) async throws -> Response {
        let search = EmailSearchForm(visit.call.query)
        guard search.problem == nil else { return visit.page(.emails, "Emails", EmailsModel([], search, visit, pageSize: Self.pageSize)) }
        let found = try await mailbox.emails(
            matching: search.filter, by: visit.principal, of: visit.account?.id, after: search.after, limit: Self.pageSize + 1)
        return visit.page(.emails, "Emails", EmailsModel(found, search, visit, pageSize: Self.pageSize))
    }

    private func show(_ visit: DashboardRequest) async throws -> Response {
        let found = try await found(visit)
        let email = found.email
        let view = EmailModel.View(rawValue: visit.call.query["view"] ?? "")
        let source = view == .source ? try await mailbox.source(of: email.id, by: visit.principal) : nil
        let model = EmailModel(found, mailbox.preview(of: email), view, source: source, visit)
        return visit.page(.email, model.subject, model)
    }

    /// The HTML by itself, for the frame of the page.
    private func preview(_ visit: DashboardRequest) async throws -> Response {
        guard let html = mailbox.preview(of: try await found(visit).email).html else { throw APIError.notFound("HTML") }
        return .preview(html)
    }

    private func message(_ visit: DashboardRequest) async throws -> Response {
        let email = try await found(visit).email
        guard let source = try await mailbox.source(of: email.id, by: visit.principal) else { throw APIError.notFound("Email") }
        return Response(
            status: .ok,
            headers: [
                .contentType: "message/rfc822", .contentDisposition: "attachment; filename=\"\(email.id).eml\"", .cacheControl: "no-store",
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: source)))
    }

    private func cancel(_ visit: DashboardRequest) async throws -> Response {
        let email = try await found(visit).email
        let status = try await submission.cancel(email.id, by: visit.principal)
        let page = visit.link("/dashboard/emails/\(email.id)")
        guard status == .cancelled else {
            return visit.redirect(page, saying: "Too late: the email is not scheduled any more.", tone: .bad)
        }
        return visit.redirect(page, saying: "The email is cancelled: it will not be sent.")
    }

    private func found(_ visit: DashboardRequest) async throws -> SentEmails.Found {
        guard let id = EmailID(try visit.parameter("id")), let found = try await mailbox.email(id, by: visit.principal) else {
            throw APIError(.notFound, "There is no such email, or it is not kept any more.")
        }
        return found
    }
}

extension Response {
    /// A document for the sandboxed frame: whatever the HTML has become, its policy lets it look, and do and fetch nothing.
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
