import Access
import Hummingbird
import MailModel
import Web

/// `/dashboard/keys`: the keys of the accounts, for the operator.
struct KeyPages: Section {
    let keys: KeyService

    private static let pageSize = 50

    var pages: [Page] {
        [
            .get("/dashboard/keys", .master, list),
            .post("/dashboard/keys", .master, create),
            .post("/dashboard/keys/{id}/switch", .master, change),
            .post("/dashboard/keys/{id}/revoke", .master, revoke),
        ]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let after = try request.query.after()
        let found = try await keys.list(of: request.account?.id, after: after, limit: Self.pageSize + 1)
        return request.page(.keys, "API keys", KeysModel(found, after: after, request, pageSize: Self.pageSize))
    }

    /// Answers the page with the token itself, without a redirect: no other page ever shows the token.
    private func create(_ request: DashboardRequest) async throws -> Response {
        let scopes = Scope.allCases.filter { request.form["scope_\($0.rawValue)"] != nil }
        guard !scopes.isEmpty else { throw APIError.invalid("scopes", "choose at least one thing that the key may do") }
        let expiry = try request.form.value("expires", "a date, YYYY-MM-DD") { text -> Timestamp?? in
            if text.isEmpty { return .some(nil) }
            return Timestamp(rfc3339: text + "T23:59:59Z").map { .some($0) }
        }
        let new = NewKey(
            accountReference: request.account?.reference ?? request.text("partner_ref") ?? "", name: request.text("name"),
            scopes: Set(scopes),
            expiresAt: expiry ?? nil)
        let (key, token) = try await keys.create(new)
        return request.page(
            .createdKey, "Key created",
            CreatedKeyModel(
                token: CopyButton(text: token, name: "the token"), name: key.name, account: key.account.reference,
                list: request.link("/dashboard/keys")))
    }

    private func change(_ request: DashboardRequest) async throws -> Response {
        var changes = KeyChanges()
        changes.isActive = request.form["active"] == "true"
        let key = try await keys.update(try request.id(of: "API key"), changes)
        return request.redirect(
            request.link("/dashboard/keys"), saying: "The key of \(key.name) is switched \(key.isActive ? "on" : "off").")
    }

    private func revoke(_ request: DashboardRequest) async throws -> Response {
        try await keys.delete(try request.id(of: "API key"))
        return request.redirect(request.link("/dashboard/keys"), saying: "The key is revoked, and its sessions have ended.")
    }
}

extension Template {
    static let keys = Template(PackageResources.keys_mustache)
    static let createdKey = Template(PackageResources.createdKey_mustache)
}
