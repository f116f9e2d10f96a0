import Access
import Hummingbird
import JSON
import MailModel
import Web

/// `/api-keys`: all keys for the master, those of its account for a customer (specification 2.1, 2.9).
struct KeyController: Sendable {
    let keys: KeyService

    var operations: [Operation] {
        [
            Operation(.post, "/api-keys", .keysManage, Self.createDocumentation, create),
            Operation(.get, "/api-keys", .keysRead, Self.listDocumentation, list),
            Operation(.put, "/api-keys/{id}", .keysManage, Self.updateDocumentation, update),
            Operation(.delete, "/api-keys/{id}", .keysManage, Self.deleteDocumentation, delete),
            Operation(.post, "/api-keys/{id}/rotate", .keysManage, Self.rotateDocumentation, rotate),
        ]
    }

    private func create(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        var new = NewKey(accountReference: fields.string("partner_ref"))
        new.name = fields.string("name")
        new.scopes = fields.scopes()
        new.expiresAt = fields.expiry()
        new.domains = fields.entries("domains", "domain names", KeyBounds.domains)
        new.networks = fields.entries("allowed_ips", "addresses and networks", KeyBounds.networks)
        new.rateLimit = fields.rateLimit()
        new.hasAccessKey = fields.boolean("aws") ?? false
        try fields.check()
        return answer(.created, try await keys.create(new, by: principal))
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let limit = try request.query.limit()
        let found = try await keys.list(by: principal, after: try request.query.after(), limit: limit + 1)
        return .array(request, of: found, limit: limit, next: \.id.description, write: KeyResources.key.write)
    }

    private func update(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        var changes = KeyChanges()
        changes.name = fields.string("name")
        changes.scopes = fields.scopes()
        changes.isActive = fields.boolean("active")
        changes.expiresAt = fields.expiry()
        changes.domains = fields.entries("domains", "domain names", KeyBounds.domains)
        changes.networks = fields.entries("allowed_ips", "addresses and networks", KeyBounds.networks)
        changes.rateLimit = fields.rateLimit()
        try fields.check()
        let key = try await keys.update(try request.id(of: "API key"), changes, by: principal)
        return .json { KeyResources.key.write(key, to: &$0) }
    }

    private func delete(_ request: APIRequest, by principal: Principal) async throws -> Response {
        try await keys.delete(try request.id(of: "API key"), by: principal)
        return .noContent
    }

    private func rotate(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.optionalFields()
        let overlap = fields?.overlap() ?? .zero
        try fields?.check()
        return answer(.ok, try await keys.rotate(try request.id(of: "API key"), overlap: overlap, by: principal))
    }

    /// The answers with a token in them: no cache may store it.
    private func answer(_ status: HTTPResponse.Status, _ created: IssuedKey) -> Response {
        .json(status, headers: [.cacheControl: "no-store"]) { KeyResources.created.write(created, to: &$0) }
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

    /// Reads a list that a key is bound to; empty where it is `null`: no bound.
    ///
    /// An empty list is refused, because it would mean the opposite of what it says.
    fileprivate mutating func entries<Entry>(
        _ name: String, _ what: String, _ read: ([String]) throws(Refusal) -> [Entry]
    ) -> [Entry]? {
        let texts = value(name, "a non-empty array of \(what), or null") { json -> [String]? in
            json == .null ? [] : json.strings.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let texts else { return nil }
        do throws(Refusal) {
            return try read(texts)
        } catch {
            refuse(APIError(error))
            return nil
        }
    }

    /// Reads `rate_limit`; `.some(nil)` where it is `null`: no bound.
    fileprivate mutating func rateLimit() -> Int?? {
        let range = KeyBounds.rateLimits
        return value("rate_limit", "a whole number from \(range.lowerBound) to \(range.upperBound), or null") { json -> Int?? in
            if json == .null { return .some(nil) }
            guard let number = json.integerValue, let limit = Int(exactly: number), range.contains(limit) else { return nil }
            return .some(limit)
        }
    }

    /// Reads `overlap_seconds`.
    fileprivate mutating func overlap() -> Duration? {
        let range = KeyService.overlaps
        let bounds = "\(range.lowerBound.components.seconds) to \(range.upperBound.components.seconds)"
        return value("overlap_seconds", "a whole number from \(bounds)") { json -> Duration? in
            guard let seconds = json.integerValue, range.contains(.seconds(seconds)) else { return nil }
            return .seconds(seconds)
        }
    }
}
