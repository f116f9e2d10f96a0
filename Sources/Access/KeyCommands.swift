import MailModel
import Storage

/// A caller who changes keys: the operator, or a customer with a key, which may give to others no more than it has itself (specification 2.9).
struct KeyManager: Sendable {
    let principal: Principal

    /// Returns what the caller may give to keys; `nil` for the operator, who may give everything.
    ///
    /// The key is read again: one that was revoked a moment ago, and is still cached, makes no other one.
    func rights(in tx: Transaction) throws -> KeyRights? {
        if let person = principal.person { return try rights(of: person, in: tx) }
        guard case .client(let cached) = principal.identity else { return nil }
        guard let key = try tx.keys.find(cached.id) else { throw Refusal.of(.unknownKey) }
        if let fault = FoundKey(key: key).fault(at: tx.now) { throw Refusal.of(fault) }
        if let refusal = Principal.client(key).refusal(of: .keysManage) { throw refusal }
        return key.rights
    }

    /// Those of a person, whose role is read again: it may have changed a moment ago.
    private func rights(of person: SignedInUser, in tx: Transaction) throws -> KeyRights? {
        guard let user = try tx.users.find(person.user.id) else { throw Refusal(.forbidden, "This person does not exist any more") }
        let present = Principal.user(SignedInUser(user: user, session: person.session))
        if let refusal = present.refusal(of: .keysManage) { throw refusal }
        return present.keyRights
    }

    /// Returns a key that the caller may change, locked.
    ///
    /// For a customer, the key of another account does not exist.
    ///
    /// - Parameter own: the caller's rights; `nil` for the operator's.
    func find(_ id: Int64, with own: KeyRights?, in tx: Transaction) throws -> APIKey {
        guard let key = try tx.keys.findForUpdate(id), principal.mayAccess(account: key.account.id) else { throw Refusal.unknownKey }
        if let kind = own?.firstExceeded(by: key.rights) {
            throw Refusal(.forbidden, code: .exceedsOwnRights, "The key has more rights than the one that asks has: \(kind.rawValue)")
        }
        return key
    }
}

/// A change of a key in a transaction.
///
/// Refusals are returned, not thrown: a command that throws makes its whole batch of the group commit run again.
protocol KeyCommand: Sendable {
    /// Makes the change. Throws a ``Refusal`` only before it has changed anything.
    func change(in tx: Transaction) throws -> APIKey
}

extension KeyCommand {
    func run(in tx: Transaction) throws -> Result<APIKey, Refusal> {
        do { return .success(try change(in: tx)) } catch let refusal as Refusal { return .failure(refusal) }
    }
}

/// Creates a key.
///
/// What is not given it has from the key that asks for it.
struct CreateKey: KeyCommand {
    let new: NewKey
    let manager: KeyManager
    let tokenHash: [UInt8]
    var accessKey: SealedAccessKey?

    func change(in tx: Transaction) throws -> APIKey {
        let own = try manager.rights(in: tx)
        let rights = new.rights(from: own)
        try own?.check(rights)
        let account = try account(in: tx)
        let key = try tx.keys.insert(
            of: account, name: new.name ?? account.reference, rights: rights, tokenHash: tokenHash, accessKey: accessKey)
        try tx.audit.insert(
            AuditChange(.keyCreate, target: .key(key.id), account: account.id, after: key.auditValues), by: .principal(manager.principal))
        return key
    }

    /// The account that the key is for: a customer's own, or the one that the operator names, inserted on first use.
    private func account(in tx: Transaction) throws -> Account {
        guard let own = manager.principal.account else {
            return try tx.accounts.findOrInsert(reference: new.accountReference ?? Account.defaultReference)
        }
        guard new.accountReference ?? own.reference == own.reference else { throw Refusal.notFound("Account") }
        // Of two nodes that create keys the second one counts the first one's.
        try tx.accounts.lock(own.id)
        let maximum = KeyService.maximumPerAccount
        guard try !tx.keys.hasAtLeast(maximum, accountID: own.id) else {
            throw Refusal(.conflict, code: .limitReached, "The account has \(maximum) API keys, the most that are allowed")
        }
        return own
    }
}

/// Changes a key; only what is given changes.
struct UpdateKey: KeyCommand {
    let id: Int64
    let changes: KeyChanges
    let manager: KeyManager

    func change(in tx: Transaction) throws -> APIKey {
        let own = try manager.rights(in: tx)
        let key = try manager.find(id, with: own, in: tx)
        try own?.check(changes.applied(to: key).rights)
        guard let changed = try tx.keys.update(id, changes) else { throw Refusal.unknownKey }
        let change = AuditChange(
            .keyUpdate, target: .key(id), account: key.account.id, before: key.auditValues, after: changed.auditValues)
        if change.isChange { try tx.audit.insert(change, by: .principal(manager.principal)) }
        return changed
    }
}

/// Gives a key a new token, and lets the old one live for a while.
struct RotateKey: KeyCommand {
    let id: Int64
    let overlap: Duration
    let manager: KeyManager
    let tokenHash: [UInt8]
    /// A new access key for one that has one.
    var accessKey: SealedAccessKey?

    func change(in tx: Transaction) throws -> APIKey {
        let key = try manager.find(id, with: try manager.rights(in: tx), in: tx)
        if key.awsAccessKeyID != nil, accessKey == nil { throw Refusal.noSecretsKey }
        let rotated = try tx.keys.rotate(
            id, tokenHash: tokenHash, accessKey: key.awsAccessKeyID == nil ? nil : accessKey, previousExpiresAt: tx.now + overlap)
        guard let rotated else { throw Refusal.unknownKey }
        let change = AuditChange(
            .keyRotate, target: .key(id), account: key.account.id,
            before: [
                "previous_token_expires_at": .optional(key.previousTokenExpiresAt), "aws_access_key_id": .optional(key.awsAccessKeyID),
            ],
            after: [
                "previous_token_expires_at": .optional(rotated.previousTokenExpiresAt),
                "aws_access_key_id": .optional(rotated.awsAccessKeyID),
                "overlap_seconds": .integer(overlap.components.seconds),
            ])
        try tx.audit.insert(change, by: .principal(manager.principal))
        return rotated
    }
}

/// Revokes a key for good.
///
/// Its sessions end with it.
struct DeleteKey: KeyCommand {
    let id: Int64
    let manager: KeyManager

    func change(in tx: Transaction) throws -> APIKey {
        let key = try manager.find(id, with: try manager.rights(in: tx), in: tx)
        guard try tx.keys.delete(id) else { throw Refusal.unknownKey }
        try tx.audit.insert(
            AuditChange(.keyDelete, target: .key(id), account: key.account.id, before: key.auditValues), by: .principal(manager.principal))
        return key
    }
}

extension NewKey {
    /// The rights of the key that is made.
    ///
    /// - Parameter own: those of the key that asks for it, which are inherited where none are given; `nil` for the operator.
    fileprivate func rights(from own: KeyRights?) -> KeyRights {
        KeyRights(
            scopes: scopes ?? own?.scopes ?? Set(Scope.allCases),
            bounds: KeyBounds(
                domains: domains ?? own?.bounds.domains ?? [], networks: networks ?? own?.bounds.networks ?? [],
                rateLimit: rateLimit ?? own?.bounds.rateLimit),
            expiresAt: expiresAt ?? own?.expiresAt)
    }
}

extension KeyRights {
    /// Throws a ``Refusal`` where a key with these rights may not give others.
    fileprivate func check(_ other: KeyRights) throws(Refusal) {
        guard let kind = firstExceeded(by: other) else { return }
        throw Refusal(
            .forbidden, code: .exceedsOwnRights, field: kind.rawValue, "\(kind.rawValue): more than the key that asks has itself")
    }
}

extension APIKey {
    /// What the audit log has of a key; its token has no place there, nor its hash.
    fileprivate var auditValues: [String: AuditValue] {
        [
            "name": .string(name), "scopes": .strings(scopes.map(\.rawValue).sorted()), "active": .boolean(isActive),
            "expires_at": .optional(expiresAt), "domains": bounds.domains.isEmpty ? .null : .strings(bounds.domains.map(\.description)),
            "allowed_ips": bounds.networks.isEmpty ? .null : .strings(bounds.networks.map(\.description)),
            "rate_limit": .optional(bounds.rateLimit.map { Int64($0) }), "aws_access_key_id": .optional(awsAccessKeyID),
        ]
    }
}

extension Refusal {
    fileprivate static let unknownKey = notFound("API key")

    /// Access keys are not to be had, because their secrets cannot be sealed.
    static let noSecretsKey = Refusal(
        .conflict, field: "aws", "aws: access keys need secrets.key, which the operator has not set on this server")

    /// What a caller is told whose key is not accepted any more.
    fileprivate static func of(_ reason: AuthenticationError.Reason) -> Refusal {
        let error = AuthenticationError(reason: reason)
        return error.refusal ?? Refusal(.unauthenticated, error.description)
    }
}
