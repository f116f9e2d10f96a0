package import MailModel
package import Storage

/// The values of a new key.
///
/// What is `nil` it has from the key that asks for it, or, from the operator, without a bound.
package struct NewKey: Sendable {
    /// The reference of the account it belongs to, `partner_ref`; the operator's is inserted on first use.
    ///
    /// `nil`: the account of the key that asks for it.
    package var accountReference: String?
    /// The member of the account who will use it; the account's reference where it is `nil`.
    package var name: String?
    /// What may be done with it.
    package var scopes: Set<Scope>?
    /// When it stops to work; `.some(nil)`: never.
    package var expiresAt: Timestamp??
    /// The domains that it may send from; none: all of the account.
    package var domains: [DomainName]?
    /// The addresses that it may be used from; none: all.
    package var networks: [IPNetwork]?
    /// The most requests a second; `.some(nil)`: any number.
    package var rateLimit: Int??
    /// Whether it gets an access key for the API of SES.
    package var hasAccessKey = false

    /// A key of an account, which may do what the caller may unless given otherwise.
    package init(
        accountReference: String? = nil, name: String? = nil, scopes: Set<Scope>? = nil, expiresAt: Timestamp?? = nil,
        domains: [DomainName]? = nil, networks: [IPNetwork]? = nil, rateLimit: Int?? = nil
    ) {
        self.accountReference = accountReference
        self.name = name
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.domains = domains
        self.networks = networks
        self.rateLimit = rateLimit
    }
}

/// A key that was created, or given a new token: only here are its secrets returned.
package struct IssuedKey: Sendable {
    /// The key.
    package let key: APIKey
    /// Its token.
    package let token: String
    /// Its access key for the API of SES; `nil` where it has none.
    package var accessKey: AccessKey?
}

/// Creates, lists, changes, rotates and revokes keys (specification 2.1, 2.9): all of them for the operator, those of its account for a customer.
package final class KeyService: Sendable {
    private let store: Store
    private let authenticator: Authenticator

    /// The most keys of an account to which a customer may add one.
    package static let maximumPerAccount = 1000
    /// How long an old token may live after a rotation.
    package static let overlaps = Duration.zero ... .seconds(7 * 86_400)

    /// - Parameter authenticator: its cache is invalidated by changes made here.
    package init(store: Store, authenticator: Authenticator) {
        self.store = store
        self.authenticator = authenticator
    }

    /// Creates a key.
    ///
    /// - Throws: ``Refusal`` for values that are not valid, and for more rights than a customer's own key has.
    package func create(_ new: NewKey, by principal: Principal) async throws -> IssuedKey {
        guard let reference = new.accountReference ?? principal.account?.reference else {
            throw Refusal.invalid("partner_ref", code: .missingField, "missing, the field is required")
        }
        guard Account.isReference(reference) else {
            throw Refusal.invalid(
                "partner_ref", "must be 1 to \(Account.maximumReferenceLength) bytes of text without control characters")
        }
        if let name = new.name { try check(name: name) }
        if case .some(let expiresAt) = new.expiresAt { try check(expiresAt: expiresAt) }
        let token = Token.make()
        let access = new.hasAccessKey ? try makeAccessKey() : nil
        if new.hasAccessKey, access == nil { throw Refusal.noSecretsKey }
        let command = CreateKey(
            new: new, manager: KeyManager(principal: principal), tokenHash: TokenHash(token).bytes, accessKey: access?.sealed)
        let key = try await store.write { try command.run(in: $0) }.get()
        return IssuedKey(key: key, token: token, accessKey: access?.key)
    }

    /// Returns keys, newest first: a customer's own, or those of any account for the operator.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all that the caller may see.
    ///   - after: begin behind the key of this id.
    package func list(
        of accountID: Int64? = nil, by principal: Principal, after: Int64? = nil, limit: Int = 1000
    ) async throws -> [APIKey] {
        try await store.read { try $0.keys.list(of: principal.accountID ?? accountID, after: after, limit: limit) }
    }

    /// Changes a key; only what is given changes.
    ///
    /// - Returns: the key after it.
    /// - Throws: ``Refusal`` for an unknown key, for values that are not valid, and where the key has, or would have, more rights than a
    ///   customer's own.
    package func update(_ id: Int64, _ changes: KeyChanges, by principal: Principal) async throws -> APIKey {
        if let name = changes.name { try check(name: name) }
        if case .some(let expiresAt) = changes.expiresAt { try check(expiresAt: expiresAt) }
        return try await change(UpdateKey(id: id, changes: changes, manager: KeyManager(principal: principal)))
    }

    /// Gives a key a new token, and a new access key to one that has one.
    ///
    /// - Parameter overlap: how long the old ones are still accepted, within ``overlaps``; with none they are refused at once.
    /// - Throws: ``Refusal`` for an unknown key, and where the key has more rights than a customer's own.
    package func rotate(
        _ id: Int64, overlap: Duration = .zero, by principal: Principal
    ) async throws -> IssuedKey {
        guard Self.overlaps.contains(overlap) else {
            throw Refusal.invalid("overlap_seconds", "must be 0 to \(Self.overlaps.upperBound.components.seconds)")
        }
        let token = Token.make()
        let manager = KeyManager(principal: principal)
        let access = try makeAccessKey()
        let command = RotateKey(
            id: id, overlap: overlap, manager: manager, tokenHash: TokenHash(token).bytes, accessKey: access?.sealed)
        let key = try await change(command)
        return IssuedKey(key: key, token: token, accessKey: key.awsAccessKeyID == nil ? nil : access?.key)
    }

    /// Returns a new access key, and how it is stored; `nil` where secrets cannot be sealed.
    private func makeAccessKey() throws -> (key: AccessKey, sealed: SealedAccessKey)? {
        guard let box = authenticator.secrets else { return nil }
        let key = AccessKey.make()
        return (key, try key.sealed(in: box))
    }

    /// Revokes a key permanently.
    ///
    /// - Throws: ``Refusal`` for an unknown key, and where the key has more rights than a customer's own.
    package func delete(_ id: Int64, by principal: Principal) async throws {
        _ = try await change(DeleteKey(id: id, manager: KeyManager(principal: principal)))
    }

    private func change(_ command: some KeyCommand) async throws -> APIKey {
        defer { authenticator.keysChanged() }
        return try await store.write { try command.run(in: $0) }.get()
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
