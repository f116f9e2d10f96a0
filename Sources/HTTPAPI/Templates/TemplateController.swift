import Hummingbird
import MailModel
import Sending
import Storage
import Web

/// `/templates`: the named templates of an account, for `template` of `POST /emails` (specification 5.5).
struct TemplateController: Sendable {
    let store: Store
    let templates: TemplateService

    /// The maximum size of a request, in bytes.
    private static let largestTemplate = 1 << 20

    var operations: [Operation] {
        [
            Operation(.post, "/templates", .templatesManage, Self.createDocumentation, create),
            Operation(.get, "/templates", .templatesRead, Self.listDocumentation, list),
            Operation(.get, "/templates/{name}", .templatesRead, Self.findDocumentation, find),
            Operation(.put, "/templates/{name}", .templatesManage, Self.replaceDocumentation, replace),
            Operation(.delete, "/templates/{name}", .templatesManage, Self.deleteDocumentation, delete),
        ].inEnvelopes
    }

    private func create(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields(upTo: Self.largestTemplate, nullIsAbsent: true)
        let name = fields.requiredString("name")
        let texts = TemplateService.Texts(&fields)
        let userName = fields.string("userName")
        try fields.check(missingStatus: .badRequest)
        let account = try await RequestedAccount(userName, by: principal).require(in: store)
        let template = try await templates.create(name, texts, of: account, by: principal)
        return .envelope(request, .created, at: store.now) { TemplateResources.template.write(template, to: &$0) }
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let account = try await account(request, principal)
        let limit = try request.query.limit()
        let found = try await templates.list(of: account, after: request.query["after"], limit: limit + 1)
        return .page(request, of: found, limit: limit, at: store.now, next: \.name, write: TemplateResources.summary.write)
    }

    private func find(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let found = try await templates.find(try request.parameter("name"), of: try await account(request, principal))
        return try answer(request, found)
    }

    private func replace(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields(upTo: Self.largestTemplate, nullIsAbsent: true)
        let texts = TemplateService.Texts(&fields)
        try fields.check(missingStatus: .badRequest)
        let account = try await account(request, principal)
        return try answer(request, try await templates.replace(try request.parameter("name"), texts, of: account, by: principal))
    }

    private func delete(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let account = try await account(request, principal)
        guard try await templates.delete(try request.parameter("name"), of: account, by: principal) else { throw Self.notFound }
        return .noContent
    }

    private func account(_ request: APIRequest, _ principal: Principal) async throws -> Account {
        try await RequestedAccount(request.query["userName"], by: principal).require(in: store)
    }

    private func answer(_ request: APIRequest, _ template: EmailTemplate?) throws(APIError) -> Response {
        guard let template else { throw Self.notFound }
        return .envelope(request, at: store.now) { TemplateResources.template.write(template, to: &$0) }
    }

    private static let notFound = APIError.notFound("Template")
}

extension TemplateService.Texts {
    fileprivate init(_ fields: inout Fields) {
        let html = fields.string("html")
        self.init(
            subject: fields.requiredString("subject"), text: html == nil ? fields.requiredString("text") : fields.string("text") ?? "",
            html: html)
    }
}
