package import MailModel
package import Storage

/// The values of a new key.
package struct NewKey: Sendable {
    /// The reference of the account it belongs to, `partner_ref`; the account is inserted on first use.
    package var accountReference: String
    /// The member of the account who will use it; the account's reference where it is `nil`.
    package var name: String?
    /// What may be done with it.
    package var scopes: Set<Scope>
    /// When it stops to work; `nil`: never.
    package var expiresAt: Timestamp?

    /// A key of an account, which may do everything and never expires unless given otherwise.
    package init(accountReference: String, name: String? = nil, scopes: Set<Scope> = Set(Scope.allCases), expiresAt: Timestamp? = nil) {
        self.accountReference = accountReference
        self.name = name
        self.scopes = scopes
        self.expiresAt = expiresAt
    }
}

/// Creates, lists, changes and revokes the keys of customers (specification 2.1). For the master only: the interfaces check that.
package final class KeyService: Sendable {
    private let store: Store
    private let authenticator: Authenticator

    /// - Parameter authenticator: its cache is invalidated by changes made here.
    package init(store: Store, authenticator: Authenticator) {
        self.store = store
        self.authenticator = authenticator
    }

    /// Creates a key.
    ///
    /// - Returns: the key, and its token, which is returned only here.
    /// - Throws: ``Refusal`` for values that are not valid.
    package func create(_ new: NewKey) async throws -> (key: APIKey, token: String) {
        guard Account.isReference(new.accountReference) else {
            throw Refusal.invalid(
                "partner_ref", "must be 1 to \(Account.maximumReferenceLength) bytes of text without control characters")
        }
        let name = new.name ?? new.accountReference
        try check(name: name)
        try check(expiresAt: new.expiresAt)
        let token = Token.make()
        let hash = TokenHash(token).bytes
        let key = try await store.write { tx in
            let account = try tx.accounts.findOrInsert(reference: new.accountReference)
            return try tx.keys.insert(of: account, name: name, scopes: new.scopes, expiresAt: new.expiresAt, tokenHash: hash)
        }
        return (key, token)
    }

    /// Returns keys, newest first.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: begin behind the key of this id.
    package func list(of accountID: Int64? = nil, after: Int64? = nil, limit: Int = 1000) async throws -> [APIKey] {
        try await store.read { try $0.keys.list(of: accountID, after: after, limit: limit) }
    }

    /// Changes a key; only what is given changes.
    ///
    /// - Returns: the key after it.
    /// - Throws: ``Refusal`` for an unknown key, and for values that are not valid.
    package func update(_ id: Int64, _ changes: KeyChanges) async throws -> APIKey {
        if let name = changes.name { try check(name: name) }
        if case .some(let expiresAt) = changes.expiresAt { try check(expiresAt: expiresAt) }
        defer { authenticator.keysChanged() }
        return try await store.write { tx in
            guard let key = try tx.keys.update(id, changes) else { throw Refusal.notFound("API key") }
            return key
        }
    }

    /// Revokes a key permanently.
    ///
    /// - Throws: ``Refusal`` for an unknown key.
    package func delete(_ id: Int64) async throws {
        defer { authenticator.keysChanged() }
        try await store.write { tx in
            guard try tx.keys.delete(id) else { throw Refusal.notFound("API key") }
        }
    }

    private func check(name: String) throws(Refusal) {
        guard (1...200).contains(name.unicodeScalars.count), !name.unicodeScalars.contains(where: \.isControl) else {
            throw .invalid("name", "must be 1 to 200 characters without control characters")
        }
    }

    private func check(expiresAt: Timestamp?) throws(Refusal) {
        guard let expiresAt, expiresAt <= store.now else { return }
        throw .invalid("expires_at", "must be a time in the future, found \(expiresAt)")
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { properties.generalCategory == .control }
}
