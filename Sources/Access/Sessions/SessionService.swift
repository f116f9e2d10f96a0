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
        let owner: SessionRow.Owner =
            switch principal.identity {
            case .master: .master(fingerprint: authenticator.masterFingerprint)
            case .client(let key): .key(key.id)
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
        guard let (row, key) = try await store.read({ try Self.find(hash, in: $0) }) else { return nil }
        let now = store.now
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

    /// Ends the session of a secret; an unknown secret changes nothing.
    ///
    /// - Parameter principal: whose session it is, and from where it is ended.
    package func logOut(secret text: String, by principal: Principal) async throws {
        guard let secret = SessionSecret(text) else { return }
        try await store.write { [hash = secret.hash] tx in
            guard try tx.sessions.delete(idHash: hash) else { return }
            try tx.audit.insert(principal.change(.sessionEnd), by: .principal(principal))
        }
    }

    /// Returns a session with its key, where it is not the master's.
    private static func find(_ hash: [UInt8], in tx: some ReadableTransaction) throws -> (SessionRow, APIKey?)? {
        guard let row = try tx.sessions.find(idHash: hash) else { return nil }
        guard case .key(let id) = row.owner else { return (row, nil) }
        return (row, try tx.keys.find(id))
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
