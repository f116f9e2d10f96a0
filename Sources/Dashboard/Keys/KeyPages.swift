import Access
import Hummingbird
import MailModel
import Web

/// `/dashboard/keys`: all keys for the operator, those of its account for a customer.
struct KeyPages: Section {
    let keys: KeyService

    private static let pageSize = 50

    var pages: [Page] {
        [
            .get("/dashboard/keys", .keysRead, list),
            .post("/dashboard/keys", .keysManage, create),
            .post("/dashboard/keys/{id}/switch", .keysManage, change),
            .post("/dashboard/keys/{id}/rotate", .keysManage, rotate),
            .post("/dashboard/keys/{id}/revoke", .keysManage, revoke),
        ]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let after = try request.query.after()
        let found = try await keys.list(of: request.account?.id, by: request.principal, after: after, limit: Self.pageSize + 1)
        return request.page(.keys, "API keys", KeysModel(found, after: after, request, pageSize: Self.pageSize))
    }

    private func create(_ request: DashboardRequest) async throws -> Response {
        let scopes = Scope.allCases.filter { request.form["scope_\($0.rawValue)"] != nil }
        guard !scopes.isEmpty else { throw APIError.invalid("scopes", "choose at least one thing that the key may do") }
        var new = NewKey(
            accountReference: request.account?.reference ?? request.text("partner_ref") ?? "", name: request.text("name"),
            scopes: Set(scopes))
        new.hasAccessKey = request.form["aws"] != nil
        // What is left empty is inherited: a customer cannot take a bound of its own key away.
        let expiry = try request.text("expires").map { text in
            guard let time = Timestamp(rfc3339: text + "T23:59:59Z") else {
                throw APIError.invalid("expires", "expected a date, YYYY-MM-DD")
            }
            return time
        }
        new.expiresAt = expiry.map { .some($0) }
        new.domains = try request.entries("domains").map(KeyBounds.domains)
        new.networks = try request.entries("allowed_ips").map(KeyBounds.networks)
        new.rateLimit = try request.count("rate_limit").map { .some(try KeyBounds.rateLimit($0)) }
        return page(of: try await keys.create(new, by: request.principal), "Key created", request)
    }

    private func change(_ request: DashboardRequest) async throws -> Response {
        var changes = KeyChanges()
        changes.isActive = request.form["active"] == "true"
        let key = try await keys.update(try request.id(of: "API key"), changes, by: request.principal)
        return request.redirect(
            request.link("/dashboard/keys"), saying: "The key of \(key.name) is switched \(key.isActive ? "on" : "off").")
    }

    private func rotate(_ request: DashboardRequest) async throws -> Response {
        let hours = try request.count("hours") ?? 0
        guard hours >= 0, hours <= KeyService.overlaps.upperBound.components.seconds / 3600 else {
            throw APIError.invalid("hours", "choose one of the times of the list")
        }
        let rotated = try await keys.rotate(try request.id(of: "API key"), overlap: .seconds(hours * 3600), by: request.principal)
        return page(of: rotated, "New token", request)
    }

    private func revoke(_ request: DashboardRequest) async throws -> Response {
        try await keys.delete(try request.id(of: "API key"), by: request.principal)
        return request.redirect(request.link("/dashboard/keys"), saying: "The key is revoked, and its sessions have ended.")
    }

    /// Answers the page with the token itself, without a redirect: no other page ever shows the token.
    private func page(of created: IssuedKey, _ title: String, _ request: DashboardRequest) -> Response {
        request.page(.createdKey, title, CreatedKeyModel(created, title: title, request))
    }
}

extension DashboardRequest {
    /// Returns the entries of a field, separated by commas or white space; `nil` where it is empty.
    fileprivate func entries(_ name: String) -> [String]? {
        text(name)?.split { $0 == "," || $0.isWhitespace }.map(String.init)
    }
}

extension Template {
    static let keys = Template(PackageResources.keys_mustache)
    static let createdKey = Template(PackageResources.createdKey_mustache)
}
