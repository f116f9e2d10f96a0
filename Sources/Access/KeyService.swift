package import MailModel
package import Storage

/// What a new key shall be.
package struct NewKey: Sendable {
    /// The account it belongs to, `partner_ref`; the account is made on first use.
    package var accountReference: String
    /// The member of the account who will act with it; the account's reference when nothing is given.
    package var name: String?
    package var scopes: Set<Scope>
    package var expiresAt: Timestamp?

    package init(accountReference: String, name: String? = nil, scopes: Set<Scope> = Set(Scope.allCases), expiresAt: Timestamp? = nil) {
        self.accountReference = accountReference
        self.name = name
        self.scopes = scopes
        self.expiresAt = expiresAt
    }
}

/// Makes, lists, changes and revokes the keys of customers (specification 2.1). All of it is the master's business; the door sees to that.
package final class KeyService: Sendable {
    private let store: Store
    private let authenticator: Authenticator

    /// - Parameter authenticator: whose cache has to forget what is changed here.
    package init(store: Store, authenticator: Authenticator) {
        self.store = store
        self.authenticator = authenticator
    }

    /// - Returns: the key, and its token, which is told this once.
    /// - Throws: ``KeyError`` for values that cannot be.
    package func create(_ new: NewKey) async throws -> (key: APIKey, token: String) {
        guard Account.isReference(new.accountReference) else {
            throw KeyError.invalid(
                "partner_ref", "must be 1 to \(Account.maximumReferenceLength) bytes of text without control characters")
        }
        let name = new.name ?? new.accountReference
        try check(name: name)
        try check(expiresAt: new.expiresAt)
        let token = Token.make()
        let hash = TokenHash(token).bytes
        let key = try await store.write { context in
            let account = try context.findOrCreateAccount(reference: new.accountReference)
            return try context.createAPIKey(of: account, name: name, scopes: new.scopes, expiresAt: new.expiresAt, tokenHash: hash)
        }
        return (key, token)
    }

    /// Keys, newest first.
    ///
    /// - Parameter accountID: only this account's; `nil` for all.
    package func list(of accountID: Int64? = nil, after: Int64? = nil, limit: Int = 1000) async throws -> [APIKey] {
        try await store.read { try $0.apiKeys(of: accountID, after: after, limit: limit) }
    }

    /// - Returns: the key as it is afterwards.
    package func update(_ id: Int64, _ changes: KeyChanges) async throws -> APIKey {
        if let name = changes.name { try check(name: name) }
        if case .some(let expiresAt) = changes.expiresAt { try check(expiresAt: expiresAt) }
        defer { authenticator.keysChanged() }
        return try await store.write { context in
            guard let key = try context.updateAPIKey(id, changes) else { throw KeyError.notFound }
            return key
        }
    }

    /// Revokes a key for good.
    package func delete(_ id: Int64) async throws {
        defer { authenticator.keysChanged() }
        try await store.write { context in
            guard try context.deleteAPIKey(id) else { throw KeyError.notFound }
        }
    }

    private func check(name: String) throws(KeyError) {
        guard (1...200).contains(name.unicodeScalars.count), !name.unicodeScalars.contains(where: \.isControl) else {
            throw .invalid("name", "must be 1 to 200 characters without control characters")
        }
    }

    private func check(expiresAt: Timestamp?) throws(KeyError) {
        guard let expiresAt, expiresAt <= store.now else { return }
        throw .invalid("expires_at", "must be a time in the future, found \(expiresAt)")
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { properties.generalCategory == .control }
}
