import Hummingbird
import MailModel
import Sending
import Storage
import Web

/// `GET /refusals`: the latest refused sends of an account (specification 5.13).
struct RefusalController: Sendable {
    let store: Store
    let refusals: RefusalLog

    var operations: [Operation] {
        [Operation(.get, "/refusals", .emailsRead, Self.documentation, list)].inEnvelopes
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let account = try await RequestedAccount(request.query["userName"], by: principal).find(in: store)
        let wantsCSV = try request.wantsCSV()
        let limit = try request.query.limit()
        let after = try request.query.value("after", "the id of a refusal", RefusalID.init)
        let recipient = request.query["to"]
        let found = try await refusals.list(by: principal, of: account?.id, to: recipient, after: after, limit: limit + 1)
        if wantsCSV { return .text(Self.table(of: found.prefix(limit)).text, contentType: "text/csv; charset=utf-8") }
        return .page(request, of: found, limit: limit, at: store.now, next: \.refusal.id.description, write: Self.resource.write)
    }

    private static func table(of refusals: some Sequence<RefusalLog.Found>) -> CSV {
        var csv = CSV(header: ["id", "at", "key", "to", "from", "status", "code", "explain", "userName"])
        for found in refusals {
            let refusal = found.refusal
            csv.append([
                refusal.id.description, refusal.at.description, refusal.keyName, refusal.recipient ?? "", refusal.sender ?? "",
                String(refusal.httpStatus), refusal.code, refusal.explanation, found.userName ?? "",
            ])
        }
        return csv
    }
}

// MARK: Description

extension RefusalController {
    static let documentation = Documentation(
        "The latest refused sends, newest first: at most 1,000 of an account, for seven days",
        query: [
            .userName,
            .init(
                name: "to", schema: .string,
                description: "Only refusals of emails to this recipient, in any case, among the latest 10,000."),
            .init(name: "format", schema: .words(["json", "csv"]), description: "Instead of the Accept header."),
        ] + Documentation.Parameter.page,
        .init(
            status: .ok, description: "The refusals; meta.next is there while there are more.",
            content: [("application/json", .envelope(.array(resource.reference))), ("text/csv", .string)]))

    private static let resource = Resource<RefusalLog.Found>("Refusal") {
        Field("id", .uuid, "The id, by which refusals are paged.", example: "019a9b2f-3c01-7a2b-9d56-8f0f3c1f5a21") {
            $0.refusal.id.description
        }
        Field("at", .time, "When it was refused (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.refusal.at.description }
        Field("key", .string, "The name of the key that asked; `master` for the master token.", example: "Ann") { $0.refusal.keyName }
        Field(
            "to", .nullable(.string), "The recipient: the address, or what was given in its place; null where none was.",
            example: "someone@customer.example"
        ) { $0.refusal.recipient }
        Field(
            "from", .nullable(.string), "The sender: the address, or what was given in its place; null where none was.",
            example: "news@shop.example"
        ) { $0.refusal.sender }
        Field("status", .integer, "The HTTP status that answered it, in a batch that of the item.", example: 403) { $0.refusal.httpStatus }
        Field("code", .string, "The stable word for the reason, as in `meta.code`.", example: "domain_not_verified") { $0.refusal.code }
        Field(
            "explain", .string, "What was wrong, in a sentence of at most 500 characters.",
            example: "from: shop.example is not verified yet (domain_not_verified)"
        ) { $0.refusal.explanation }
        Field("userName", .nullable(.string), "The account (partner_ref); null for the master's own.", example: "acme") { $0.userName }
    }
}
