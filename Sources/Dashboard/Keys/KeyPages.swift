import Access
import Hummingbird
import MailModel
import Web

/// `/dashboard/keys`: the keys of the accounts, the operator's business.
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

    private func list(_ visit: DashboardRequest) async throws -> Response {
        let after = try visit.call.query.after()
        let found = try await keys.list(of: visit.account?.id, after: after, limit: Self.pageSize + 1)
        return visit.page(.keys, "API keys", KeysModel(found, after: after, visit, pageSize: Self.pageSize))
    }

    /// The page that follows is the only one that ever shows the token, so that it is the answer itself.
    private func create(_ visit: DashboardRequest) async throws -> Response {
        let scopes = Scope.allCases.filter { visit.form["scope_\($0.rawValue)"] != nil }
        guard !scopes.isEmpty else { throw APIError.invalid("scopes", "choose at least one thing that the key may do") }
        let expiry = try visit.form.value("expires", "a date, YYYY-MM-DD") { text -> Timestamp?? in
            if text.isEmpty { return .some(nil) }
            return Timestamp(rfc3339: text + "T23:59:59Z").map { .some($0) }
        }
        let new = NewKey(
            accountReference: visit.account?.reference ?? visit.text("partner_ref") ?? "", name: visit.text("name"), scopes: Set(scopes),
            expiresAt: expiry ?? nil)
        let (key, token) = try await keys.create(new)
        return visit.page(
            .createdKey, "Key created",
            CreatedKeyModel(
                token: CopyButton(text: token, name: "the token"), name: key.name, account: key.account.reference,
                list: visit.link("/dashboard/keys")))
    }

    private func change(_ visit: DashboardRequest) async throws -> Response {
        var changes = KeyChanges()
        changes.isActive = visit.form["active"] == "true"
        let key = try await keys.update(try visit.call.id(of: "API key"), changes)
        return visit.redirect(visit.link("/dashboard/keys"), saying: "The key of \(key.name) is switched \(key.isActive ? "on" : "off").")
    }

    private func revoke(_ visit: DashboardRequest) async throws -> Response {
        try await keys.delete(try visit.call.id(of: "API key"))
        return visit.redirect(visit.link("/dashboard/keys"), saying: "The key is revoked, and its sessions have ended.")
    }
}

extension Template {
    static let keys = Template(PackageResources.keys_mustache)
    static let createdKey = Template(PackageResources.createdKey_mustache)
}
