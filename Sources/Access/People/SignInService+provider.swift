package import MailModel
import Storage

/// A person as a provider of OpenID Connect has recognised it, and what the operator's settings make of that (specification 2.12).
package struct ProviderSignIn: Sendable {
    /// Who it is at the provider.
    package var identity: ProviderIdentity
    /// The person's address; `nil` where the provider has not verified it: it says nothing then.
    package var address: EmailAddress?
    /// The person's name.
    package var name: String
    /// The session at the provider (`sid`).
    package var providerSession: String?
    /// The role that the person's groups map to; `nil` where they map to none.
    package var role: Role?
    /// Whether the role comes from the groups: without one the person may not sign in any more.
    package var hasMappedRoles: Bool
    /// Whether a person who is not known is made.
    package var mayCreate: Bool
    /// How long the session lasts at most (`oidc.sessionHours`).
    package var lifetime: Duration

    /// A person of these values.
    package init(
        identity: ProviderIdentity, address: EmailAddress?, name: String, providerSession: String? = nil, role: Role? = nil,
        hasMappedRoles: Bool = false, mayCreate: Bool = false, lifetime: Duration = UserSession.lifetime
    ) {
        self.identity = identity
        self.address = address
        self.name = name
        self.providerSession = providerSession
        self.role = role
        self.hasMappedRoles = hasMappedRoles
        self.mayCreate = mayCreate
        self.lifetime = lifetime
    }
}

extension SignInService {
    /// Begins a session for a person whom a provider has recognised.
    ///
    /// The person is found by the provider's own name for it, else by a verified address, else made where that is allowed. Roles at the operator follow
    /// the groups at each sign-in; people of accounts keep theirs.
    ///
    /// - Throws: ``Refusal`` for somebody who may not sign in.
    package func signIn(
        _ signIn: ProviderSignIn, from address: String, name: String = ""
    ) async throws -> BegunSession {
        let command = RecogniseUser(signIn: signIn, address: address)
        let user = try await store.write { try command.run(in: $0) }
        guard let user else {
            throw Refusal(.forbidden, code: .signInFailed, "The provider knows you, but nobody here has given you a role")
        }
        return try await begin(
            user, by: .provider, from: address, name: name, providerSession: signIn.providerSession, lifetime: signIn.lifetime)
    }

    /// Ends the sessions of a person at the provider's word (OpenID Connect Back-Channel Logout).
    ///
    /// - Parameter providerSession: only those of this session there; `nil` for all of the person's.
    package func endSessions(of identity: ProviderIdentity, providerSession: String?) async throws {
        try await store.write { tx in
            guard let user = try tx.users.find(identity: identity) else { return }
            let count: Int
            if let providerSession {
                count = try tx.userSessions.deleteAll(of: user.id, providerSession: providerSession)
            } else {
                count = try tx.userSessions.deleteAll(of: user.id, kind: .browser)
            }
            guard count > 0 else { return }
            let change = AuditChange(
                .sessionEnd, target: .user(user.id), account: user.account?.id, after: ["sessions": .integer(Int64(count))])
            try tx.audit.insert(change, by: .system)
        }
    }
}

/// Finds or makes the person whom a provider has recognised, with the role that its groups map to now.
struct RecogniseUser: Sendable {
    let signIn: ProviderSignIn
    let address: String

    /// - Returns: `nil` where the person may not sign in.
    func run(in tx: Transaction) throws -> User? {
        guard let known = try find(in: tx) else { return try make(in: tx) }
        guard let user = try tx.users.findForUpdate(known.id), user.status != .disabled else { return nil }
        var changes = UserChanges(status: user.status == .invited ? .active : nil)
        if user.identity == nil { changes.identity = signIn.identity }
        if signIn.hasMappedRoles, user.account == nil {
            guard let role = signIn.role else { return try lose(user, in: tx) }
            if role != user.role { changes.role = role }
        }
        guard changes != UserChanges() else { return user }
        if changes.role != nil, user.role == .owner {
            try tx.users.lockOwners()
            // Groups never take the last owner away.
            if try !tx.users.hasActiveOwner(besides: user.id) { changes.role = nil }
        }
        guard let changed = try tx.users.update(user.id, changes) else { return nil }
        try tx.audit.insert(
            AuditChange(
                user.status == .invited ? .userJoin : .userUpdate, target: .user(user.id), account: user.account?.id,
                before: user.auditValues, after: changed.auditValues), by: .system)
        return changed
    }

    private func find(in tx: Transaction) throws -> User? {
        if let user = try tx.users.find(identity: signIn.identity) { return user }
        guard let address = signIn.address, let user = try tx.users.find(address: address), user.identity == nil else { return nil }
        return user
    }

    private func make(in tx: Transaction) throws -> User? {
        guard signIn.mayCreate, let role = signIn.role, role.place == .operator, let address = signIn.address,
            let user = try tx.users.insert(
                address, name: signIn.name, role: role, account: nil, status: .active, identity: signIn.identity, madeBy: nil)
        else { return nil }
        try tx.audit.insert(AuditChange(.userCreate, target: .user(user.id), account: nil, after: user.auditValues), by: .system)
        return user
    }

    /// The person is in no group with a role any more.
    private func lose(_ user: User, in tx: Transaction) throws -> User? {
        if user.role == .owner {
            try tx.users.lockOwners()
            guard try tx.users.hasActiveOwner(besides: user.id) else { return user }
        }
        guard let changed = try tx.users.update(user.id, UserChanges(status: .disabled)) else { return nil }
        try tx.userSessions.deleteAll(of: user.id)
        try tx.audit.insert(
            AuditChange(.userDisable, target: .user(user.id), account: nil, before: user.auditValues, after: changed.auditValues),
            by: .system)
        return nil
    }
}

extension User {
    /// The values that the audit log shows of a person.
    var auditValues: [String: AuditValue] {
        [
            "email": .string(address.description), "name": .string(name), "role": .string(role.name), "status": .string(status.rawValue),
            "second_factor": .boolean(hasSecondFactor),
        ]
    }
}
