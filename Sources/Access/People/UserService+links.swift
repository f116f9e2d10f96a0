package import MailModel
import Storage

// The links of invitations and resets, and the sessions of people.
extension UserService {
    /// Returns what a link is for and whose it is; `nil` where it was used, has expired, or the person may not sign in.
    package func link(token: String) async throws -> (link: UserLink, user: User)? {
        let hash = UserToken.hash(token)
        return try await store.read { tx in
            guard let link = try tx.userLinks.find(tokenHash: hash), let user = try tx.users.find(link.userID), user.status != .disabled
            else { return nil }
            return (link, user)
        }
    }

    /// Sets the password of a link's person, once; the person may sign in from then on, and all other sessions end.
    ///
    /// - Throws: ``Refusal`` for a link that cannot be used, and for a password that is too short or too common; the link stays then.
    package func redeem(token: String, password: String, from address: String) async throws -> User {
        guard let (_, user) = try await link(token: token) else { throw Self.unusable }
        if let fault = PasswordRules.fault(of: password, for: user) { throw fault }
        let hash = try await passwords.hash(password)
        let tokenHash = UserToken.hash(token)
        let changed = try await store.write { tx -> User? in
            guard let link = try tx.userLinks.take(tokenHash: tokenHash), let user = try tx.users.findForUpdate(link.userID),
                user.status != .disabled
            else { return nil }
            try tx.users.setPassword(hash, of: user.id)
            try tx.userSessions.deleteAll(of: user.id)
            let actor = AuditActor(kind: .user, id: user.id, name: user.name, address: address, factor: link.kind.rawValue)
            let action: AuditAction = link.kind == .invitation ? .userJoin : .userPassword
            try tx.audit.insert(AuditChange(action, target: .user(user.id), account: user.account?.id), by: actor)
            return try tx.users.update(user.id, UserChanges(status: .active))
        }
        guard let changed else { throw Self.unusable }
        return changed
    }

    private static let unusable = Refusal(.notFound, "This link was used, or has expired; ask for a new one")

    /// Takes the second factor of somebody who has lost it off.
    package func removeSecondFactor(of id: Int64, by principal: Principal) async throws -> User {
        let command = ChangeUser(id: id, principal: principal) { user, tx in
            try tx.users.removeSecret(of: id)
            guard let changed = try tx.users.find(id) else { throw Refusal.unknownUser }
            let change = AuditChange(
                .userFactorRemove, target: .user(id), account: user.account?.id, before: user.auditValues, after: changed.auditValues)
            if change.isChange { try tx.audit.insert(change, by: .principal(principal)) }
            return changed
        }
        return try await store.write { try command.run(in: $0) }.get()
    }

    /// Returns the sessions and personal keys of a person, the newest first: anybody's own, or for those who may manage people.
    package func sessions(of id: Int64, by principal: Principal) async throws -> [UserSession] {
        if principal.person?.user.id != id { _ = try await find(id, by: principal) }
        let now = store.now
        return try await store.read { try $0.userSessions.list(of: id, lasting: now, limit: 100) }.filter { $0.isAlive(at: now) }
    }

    /// Ends a session or personal key of a person: one's own, or anybody's for those who may manage people.
    ///
    /// - Parameter session: its id; `nil` for all but the caller's own.
    package func endSession(_ session: Int64?, of id: Int64, by principal: Principal) async throws {
        let isOwn = principal.person?.user.id == id
        if !isOwn {
            if let refusal = principal.refusal(of: .usersManage) { throw refusal }
            _ = try await find(id, by: principal)
        }
        let command = EndSessions(userID: id, sessionID: session, principal: principal)
        let isEnded = try await store.write { try command.run(in: $0) }
        guard isEnded else { throw Refusal.notFound("Session") }
    }
}

/// Ends one session of a person, or all but the caller's own.
private struct EndSessions: Sendable {
    let userID: Int64
    let sessionID: Int64?
    let principal: Principal

    /// - Returns: false where there is no such session.
    func run(in tx: Transaction) throws -> Bool {
        guard let user = try tx.users.find(userID) else { return false }
        let count: Int
        if let sessionID {
            guard let session = try tx.userSessions.find(sessionID), session.userID == userID, try tx.userSessions.delete(sessionID) else {
                return false
            }
            count = 1
        } else {
            count = try tx.userSessions.deleteAll(of: userID, besides: principal.person?.session.id)
        }
        guard count > 0 else { return true }
        let change = AuditChange(
            .sessionEnd, target: .user(userID), account: user.account?.id, before: ["sessions": .integer(Int64(count))],
            after: ["session": .optional(sessionID)])
        try tx.audit.insert(change, by: .principal(principal))
        return true
    }
}
