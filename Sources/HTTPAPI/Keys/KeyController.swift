import Access
import Hummingbird
import JSON
import MailModel
import Web

/// `/api-keys`: the keys of customers, for the master (specification 2.1).
struct KeyController: Sendable {
    let keys: KeyService

    var operations: [Operation] {
        [
            .master(.post, "/api-keys", Self.createDocumentation, create),
            .master(.get, "/api-keys", Self.listDocumentation, list),
            .master(.put, "/api-keys/{id}", Self.updateDocumentation, update),
            .master(.delete, "/api-keys/{id}", Self.deleteDocumentation, delete),
        ]
    }

    private func create(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        let reference = fields.requiredString("partner_ref")
        let name = fields.string("name")
        let scopes = fields.scopes()
        let expiresAt = fields.expiry()
        try fields.check()
        let new = NewKey(
            accountReference: reference, name: name, scopes: scopes ?? Set(Scope.allCases), expiresAt: expiresAt ?? nil)
        let created = try await keys.create(new)
        // The only answer with a token in it: no cache may store it.
        return .json(.created, headers: [.cacheControl: "no-store"]) { KeyResources.created.write(created, to: &$0) }
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let found = try await keys.list(after: try request.query.after(), limit: try request.query.limit())
        return .array(found, write: KeyResources.key.write)
    }

    private func update(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        var changes = KeyChanges()
        changes.name = fields.string("name")
        changes.scopes = fields.scopes()
        changes.isActive = fields.boolean("active")
        changes.expiresAt = fields.expiry()
        try fields.check()
        let key = try await keys.update(try request.id(of: "API key"), changes)
        return .json { KeyResources.key.write(key, to: &$0) }
    }

    private func delete(_ request: APIRequest, by principal: Principal) async throws -> Response {
        try await keys.delete(try request.id(of: "API key"))
        return .noContent
    }
}

extension Fields {
    fileprivate mutating func scopes() -> Set<Scope>? {
        let words = Scope.allCases.map(\.rawValue).joined(separator: ", ")
        return value("scopes", "a non-empty array of \(words)") { json in
            guard let names = json.strings, !names.isEmpty else { return nil }
            let scopes = names.compactMap(Scope.init(rawValue:))
            return scopes.count == names.count ? Set(scopes) : nil
        }
    }

    /// Reads `expires_at`; `.some(nil)` where it is `null`: a key that never expires.
    fileprivate mutating func expiry() -> Timestamp?? {
        value("expires_at", "an RFC 3339 time or null") { json -> Timestamp?? in
            if json == .null { return .some(nil) }
            return json.stringValue.flatMap(Timestamp.init(rfc3339:)).map { .some($0) }
        }
    }
}
