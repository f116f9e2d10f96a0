import MailModel
package import Storage

/// Begins, finds and ends the sessions of the dashboard.
///
/// A session is no more than its key: it is looked up with the key each time, so that it ends at once when the key is revoked, switched off
/// or expired, on every node; and that of the master when the master token is another one.
package final class SessionService: Sendable {
    private let store: Store
    private let authenticator: Authenticator

    package init(store: Store, authenticator: Authenticator) {
        self.store = store
        self.authenticator = authenticator
    }

    /// Begins a session for whoever has this token.
    ///
    /// - Returns: the session, and the secret for its cookie, which is told this once.
    /// - Throws: ``AuthenticationError``; failures are counted with those of the API.
    package func logIn(token: String, from address: @autoclosure () -> String) async throws -> (session: Session, secret: String) {
        let principal = try await authenticator.authenticate(token: token, from: address())
        let secret = SessionSecret()
        let owner: SessionRow.Owner =
            switch principal {
            case .master: .master(fingerprint: authenticator.masterFingerprint)
            case .client(let key): .key(key.id)
            }
        let now = store.now
        let row = SessionRow(owner: owner, createdAt: now, usedAt: now, expiresAt: now + Session.lifetime)
        try await store.write { [hash = secret.hash] in try $0.createSession(row, idHash: hash) }
        return (Session(principal: principal, formToken: secret.formToken, expiresAt: row.expiresAt), secret.text)
    }

    /// The session of that secret; `nil` when there is none, or it is over.
    ///
    /// - Parameter isUse: whether somebody acts, or something only looks whether the session is still there.
    package func session(secret text: String, isUse: Bool = true) async throws -> Session? {
        guard let secret = SessionSecret(text) else { return nil }
        let hash = secret.hash
        guard let (row, key) = try await store.read({ try Self.find(hash, $0) }) else { return nil }
        let now = store.now
        // One that was begun by a clock ahead would hold for too long.
        guard row.createdAt <= now + OutboundCounters.tolerance, now < row.expiresAt, now - row.usedAt < Session.idle,
            let principal = principal(row, key, at: now)
        else { return nil }
        if isUse, now - row.usedAt >= Session.useInterval {
            try await store.write { try $0.recordUseOfSession(idHash: hash) }
        }
        return Session(principal: principal, formToken: secret.formToken, expiresAt: row.expiresAt)
    }

    package func logOut(secret text: String) async throws {
        guard let secret = SessionSecret(text) else { return }
        try await store.write { [hash = secret.hash] in try $0.deleteSession(idHash: hash) }
    }

    private static func find(_ hash: [UInt8], _ context: ReadContext) throws -> (SessionRow, APIKey?)? {
        guard let row = try context.session(idHash: hash) else { return nil }
        guard case .key(let id) = row.owner else { return (row, nil) }
        return (row, try context.apiKey(id))
    }

    private func principal(_ row: SessionRow, _ key: APIKey?, at now: Timestamp) -> Principal? {
        switch row.owner {
        case .master(let fingerprint): fingerprint == authenticator.masterFingerprint ? .master : nil
        case .key: key.flatMap { $0.isUsable(at: now) ? .client($0) : nil }
        }
    }
}
