package import MailModel
package import Storage

/// Begins, finds and ends the sessions of the dashboard.
///
/// A session is worth no more than its key, which is looked up with it each time: the session ends on every node as soon as the key is
/// revoked, deactivated or expired, and the master's as soon as the master token is another one.
package final class SessionService: Sendable {
    private let store: Store
    private let authenticator: Authenticator

    /// - Parameter authenticator: checks the tokens that people log in with.
    package init(store: Store, authenticator: Authenticator) {
        self.store = store
        self.authenticator = authenticator
    }

    /// Begins a session for the holder of a token.
    ///
    /// - Parameter address: the client's, by which failures are counted.
    /// - Returns: the session, and the secret for its cookie, which is returned only here.
    /// - Throws: ``AuthenticationError``; failures are counted with those of the API.
    package func logIn(token: String, from address: String) async throws -> (session: Session, secret: String) {
        let holder = try await authenticator.holder(of: token, from: address)
        let principal = Principal(holder.identity, address: address)
        let secret = SessionSecret()
        let owner: SessionRow.Owner
        switch principal.identity {
        case .master: owner = .master(fingerprint: authenticator.masterFingerprint)
        case .client(let key): owner = .key(key.id)
        // A personal key is for programs: a session of it would outlive it.
        case .user: throw AuthenticationError(reason: .unknownKey)
        }
        let now = store.now
        let end = now + Session.lifetime
        let row = SessionRow(owner: owner, createdAt: now, usedAt: now, expiresAt: min(end, holder.tokenExpiresAt ?? end))
        try await store.write { [hash = secret.hash] tx in
            try tx.sessions.insert(row, idHash: hash)
            try tx.audit.insert(
                principal.change(.sessionCreate, after: ["expires_at": .optional(row.expiresAt)]), by: .principal(principal))
        }
        return (Session(principal: principal, formToken: secret.formToken, expiresAt: row.expiresAt), secret.text)
    }

    /// Returns the session of a secret; `nil` when there is none, or it has ended.
    ///
    /// - Parameters:
    ///   - address: the client's, without its port, where the key of the session may be bound to addresses.
    ///   - isUse: whether this counts as a use, which keeps the session from ending by idleness.
    /// - Throws: ``AuthenticationError`` for an address that the key may not be used from.
    package func session(secret text: String, from address: String, isUse: Bool = true) async throws -> Session? {
        guard let secret = SessionSecret(text) else { return nil }
        let hash = secret.hash
        guard let found = try await store.read({ try Self.find(hash, in: $0) }) else { return nil }
        let now = store.now
        let (row, key): (SessionRow, APIKey?)
        switch found {
        case .person(let person): return try await session(of: person, secret, from: address, isUse: isUse)
        case .token(let token, let keyOfToken): (row, key) = (token, keyOfToken)
        }
        // A session that was begun by a clock ahead of this one would last too long.
        guard row.createdAt <= now + OutboundCounters.tolerance, now < row.expiresAt, now - row.usedAt < Session.idle,
            let principal = principal(row, key, at: now)?.calling(from: address)
        else { return nil }
        if let key, !key.bounds.allowUse(from: address) { throw AuthenticationError(reason: .addressNotAllowed) }
        if isUse, now - row.usedAt >= Session.useInterval {
            try await store.write { try $0.sessions.recordUse(idHash: hash) }
        }
        return Session(principal: principal, formToken: secret.formToken, expiresAt: row.expiresAt)
    }

    /// A person's: what the person may do now, whatever it was at the sign-in.
    private func session(of person: SignedInUser, _ secret: SessionSecret, from address: String, isUse: Bool) async throws -> Session? {
        let now = store.now
        guard person.session.kind == .browser, person.user.status == .active, person.session.isAlive(at: now) else { return nil }
        if isUse, now - person.session.usedAt >= Session.useInterval {
            try await store.write { try $0.userSessions.recordUse(person.session.id) }
        }
        return Session(
            principal: Principal(.user(authenticator.checked(person)), address: address), formToken: secret.formToken,
            expiresAt: person.session.expiresAt)
    }

    /// Ends the session of a secret; an unknown secret changes nothing.
    ///
    /// - Parameter principal: whose session it is, and from where it is ended.
    package func logOut(secret text: String, by principal: Principal) async throws {
        guard let secret = SessionSecret(text) else { return }
        try await store.write { [hash = secret.hash] tx in
            let isEnded = try principal.person.map { try tx.userSessions.delete($0.session.id) } ?? tx.sessions.delete(idHash: hash)
            guard isEnded else { return }
            try tx.audit.insert(principal.change(.sessionEnd), by: .principal(principal))
        }
    }

    /// What is stored of a session.
    private enum Found {
        /// Of a token, with its key where it is not the master's.
        case token(SessionRow, APIKey?)
        case person(SignedInUser)
    }

    private static func find(_ hash: [UInt8], in tx: some ReadableTransaction) throws -> Found? {
        if let person = try tx.userSessions.find(secretHash: hash) { return .person(person) }
        guard let row = try tx.sessions.find(idHash: hash) else { return nil }
        guard case .key(let id) = row.owner else { return .token(row, nil) }
        return .token(row, try tx.keys.find(id))
    }

    private func principal(_ row: SessionRow, _ key: APIKey?, at now: Timestamp) -> Principal? {
        switch row.owner {
        case .master(let fingerprint): fingerprint == authenticator.masterFingerprint ? .master : nil
        case .key: key.flatMap { $0.isUsable(at: now) ? .client($0) : nil }
        }
    }
}

extension Principal {
    /// The row of the audit log about a session of the caller.
    fileprivate func change(_ action: AuditAction, after: [String: AuditValue] = [:]) -> AuditChange {
        AuditChange(action, target: .dashboard, account: accountID, after: after)
    }
}
