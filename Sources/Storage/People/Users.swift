import Database
package import MailModel

extension ReadableTransaction {
    /// The people who sign in.
    package var users: Users<Self> { Users(tx: self) }
}

/// The people who sign in, at the operator's and at accounts (specification 2.12).
package struct Users<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Users {
    /// Returns a person by the id; `nil` when there is none.
    package func find(_ id: Int64) throws -> User? {
        try tx.sql.first("\(UserRow.select()) WHERE u.id = ?1", [.integer(id)], UserRow.decode)
    }

    /// Returns the person of an address, in whatever case it is written; `nil` when there is none.
    package func find(address: EmailAddress) throws -> User? {
        try tx.sql.first("\(UserRow.select()) WHERE u.address_key = ?1", [.text(address.suppressionKey)], UserRow.decode)
    }

    /// Returns the person whom a provider names; `nil` when there is none.
    package func find(identity: ProviderIdentity) throws -> User? {
        try tx.sql.first(
            "\(UserRow.select()) WHERE u.issuer = ?1 AND u.subject = ?2", [.text(identity.issuer), .text(identity.subject)],
            UserRow.decode)
    }

    /// Returns people, in the order in which they were made.
    ///
    /// - Parameters:
    ///   - accountID: only those of this account; `nil` for all, the operator's too.
    ///   - after: begin behind the person of this id.
    package func list(of accountID: Int64?, after: Int64? = nil, limit: Int) throws -> [User] {
        let owner = accountID == nil ? "" : " AND u.account_id = ?3"
        return try tx.sql.query(
            "\(UserRow.select()) WHERE u.id > ?1\(owner) ORDER BY u.id LIMIT ?2",
            [.integer(after ?? 0), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []), UserRow.decode)
    }

    /// What a person signs in with; `nil` when there is no such person.
    package func credentials(of id: Int64) throws -> UserCredentials? {
        try tx.sql.first("SELECT password, totp, pending_totp, totp_step FROM users WHERE id = ?1", [.integer(id)]) { row in
            UserCredentials(
                password: row.optionalText(0), sealedSecret: row.isNull(1) ? nil : row.blob(1),
                sealedPendingSecret: row.isNull(2) ? nil : row.blob(2), lastStep: row.integer(3))
        }
    }

    /// Whether there is an owner who may sign in, or has been invited to.
    ///
    /// - Parameter id: a person who does not count.
    package func hasOwner(besides id: Int64? = nil) throws -> Bool {
        try tx.sql.first(
            "SELECT 1 FROM users WHERE role = 'owner' AND status <> 'disabled' AND id <> ?1 LIMIT 1", [.integer(id ?? -1)]
        ) { _ in true } ?? false
    }

    /// Whether there is an owner who signs in.
    package func hasActiveOwner(besides id: Int64? = nil) throws -> Bool {
        try tx.sql.first(
            "SELECT 1 FROM users WHERE role = 'owner' AND status = 'active' AND id <> ?1 LIMIT 1", [.integer(id ?? -1)]
        ) { _ in true } ?? false
    }

    /// Whether an account has this many people or more; `nil` for the operator.
    package func hasAtLeast(_ count: Int, accountID: Int64?) throws -> Bool {
        let owner = accountID == nil ? "account_id IS NULL" : "account_id = ?2"
        return try tx.sql.first(
            "SELECT 1 FROM users WHERE \(owner) ORDER BY id LIMIT 1 OFFSET ?1",
            [.integer(count - 1)] + (accountID.map { [.integer($0)] } ?? [])
        ) { _ in true } ?? false
    }

    /// How many recovery codes a person has left.
    package func recoveryCodes(of id: Int64) throws -> Int {
        try tx.sql.query("SELECT 1 FROM user_recovery_codes WHERE user_id = ?1", [.integer(id)]) { _ in true }.count
    }
}

extension Users where Tx == Transaction {
    /// Returns a person whose row is locked until the transaction ends; `nil` when there is none.
    package func findForUpdate(_ id: Int64) throws -> User? {
        let lock = tx.sql.dialect.forUpdate
        if !lock.isEmpty { _ = try tx.sql.query("SELECT id FROM users WHERE id = ?1\(lock)", [.integer(id)]) { _ in } }
        return try find(id)
    }

    /// Locks all owners, in the order of their ids: of two nodes that each take one away the second one sees what the first has done.
    package func lockOwners() throws {
        let lock = tx.sql.dialect.forUpdate
        guard !lock.isEmpty else { return }
        _ = try tx.sql.query("SELECT id FROM users WHERE role = 'owner' ORDER BY id\(lock)", []) { _ in }
    }

    /// Inserts a new person.
    ///
    /// - Returns: `nil` where somebody has the address already.
    package func insert(
        _ address: EmailAddress, name: String, role: Role, account: Account?, status: User.Status = .invited,
        identity: ProviderIdentity? = nil, madeBy: String?
    ) throws -> User? {
        let user = User(
            id: tx.newID(), address: address, name: name, role: role, account: account, status: status, identity: identity, madeBy: madeBy,
            createdAt: tx.now)
        let count = try tx.sql.execute(
            """
            INSERT INTO users (id, account_id, address, address_key, name, role, status, totp_step, issuer, subject, made_by, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING
            """,
            [
                .integer(user.id), .integer(account?.id), .text(address.description), .text(address.suppressionKey), .text(name),
                .text(role.rawValue), .text(status.rawValue), .text(identity?.issuer), .text(identity?.subject), .text(madeBy),
                .timestamp(tx.now),
            ])
        return count == 1 ? user : nil
    }

    /// Changes a person.
    ///
    /// - Returns: the changed person; `nil` when there is none.
    package func update(_ id: Int64, _ changes: UserChanges) throws -> User? {
        var columns = ColumnChanges()
        columns.set("name", changes.name.map { .text($0) })
        columns.set("role", changes.role.map { .text($0.rawValue) })
        columns.set("status", changes.status.map { .text($0.rawValue) })
        columns.set("issuer", changes.identity.map { .text($0.issuer) })
        columns.set("subject", changes.identity.map { .text($0.subject) })
        if !columns.isEmpty {
            try tx.sql.execute("UPDATE users SET \(columns.assignments(from: 2)) WHERE id = ?1", [.integer(id)] + columns.values)
        }
        return try find(id)
    }

    /// Stores the hash of a new password.
    package func setPassword(_ hash: String, of id: Int64) throws {
        try tx.sql.execute("UPDATE users SET password = ?2 WHERE id = ?1", [.integer(id), .text(hash)])
    }

    /// Records that a person has signed in now.
    package func recordSignIn(of id: Int64) throws {
        try tx.sql.execute("UPDATE users SET signed_in_at = ?2 WHERE id = ?1", [.integer(id), .timestamp(tx.now)])
    }

    /// Deletes a person with its sessions, links and codes.
    ///
    /// - Returns: false when there is none.
    package func delete(_ id: Int64) throws -> Bool {
        try tx.userSessions.deleteAll(of: id)
        try tx.userLinks.deleteAll(of: id)
        try tx.sql.execute("DELETE FROM user_recovery_codes WHERE user_id = ?1", [.integer(id)])
        return try tx.sql.execute("DELETE FROM users WHERE id = ?1", [.integer(id)]) == 1
    }
}

// The second factor.
extension Users where Tx == Transaction {
    /// Stores a secret that the person has not confirmed yet, in place of an earlier one.
    package func setPendingSecret(_ sealed: [UInt8], of id: Int64) throws {
        try tx.sql.execute("UPDATE users SET pending_totp = ?2 WHERE id = ?1", [.integer(id), .blob(sealed)])
    }

    /// Takes the secret that is pending into use, with new recovery codes.
    ///
    /// - Parameters:
    ///   - sealed: the pending secret that was confirmed.
    ///   - step: the time step of the code that confirmed it, which is not accepted again.
    ///   - codes: the hashes of the recovery codes.
    /// - Returns: false where another secret is pending by now.
    package func confirmSecret(_ sealed: [UInt8], step: Int64, codes: [[UInt8]], of id: Int64) throws -> Bool {
        let count = try tx.sql.execute(
            "UPDATE users SET totp = pending_totp, pending_totp = NULL, totp_step = ?3 WHERE id = ?1 AND pending_totp = ?2",
            [.integer(id), .blob(sealed), .integer(step)])
        guard count == 1 else { return false }
        try replaceRecoveryCodes(of: id, by: codes)
        return true
    }

    /// Stores new recovery codes in place of all earlier ones.
    package func replaceRecoveryCodes(of id: Int64, by hashes: [[UInt8]]) throws {
        try tx.sql.execute("DELETE FROM user_recovery_codes WHERE user_id = ?1", [.integer(id)])
        for hash in hashes {
            try tx.sql.execute("INSERT INTO user_recovery_codes (user_id, code_hash) VALUES (?1, ?2)", [.integer(id), .blob(hash)])
        }
    }

    /// Takes the second factor off.
    package func removeSecret(of id: Int64) throws {
        try tx.sql.execute("UPDATE users SET totp = NULL, pending_totp = NULL WHERE id = ?1", [.integer(id)])
        try tx.sql.execute("DELETE FROM user_recovery_codes WHERE user_id = ?1", [.integer(id)])
    }

    /// Uses the code of a time step, which is then used up with all before it.
    ///
    /// - Returns: false where it was used before, on whatever node.
    package func useStep(_ step: Int64, of id: Int64) throws -> Bool {
        try tx.sql.execute("UPDATE users SET totp_step = ?2 WHERE id = ?1 AND totp_step < ?2", [.integer(id), .integer(step)]) == 1
    }

    /// Uses a recovery code up.
    ///
    /// - Returns: false where there is no such code any more.
    package func useRecoveryCode(_ hash: [UInt8], of id: Int64) throws -> Bool {
        try tx.sql.execute("DELETE FROM user_recovery_codes WHERE user_id = ?1 AND code_hash = ?2", [.integer(id), .blob(hash)]) == 1
    }
}

/// What a person signs in with, as it is stored.
package struct UserCredentials: Sendable, Equatable {
    /// The hash of the password with its parameters; `nil` where none is set.
    package var password: String?
    /// The secret of the second factor, sealed; `nil` where there is none.
    package var sealedSecret: [UInt8]?
    /// A secret that was shown and not confirmed yet, sealed.
    package var sealedPendingSecret: [UInt8]?
    /// The time step of the last code that was used.
    package var lastStep: Int64
}

/// The row of a person, read together with the account.
enum UserRow {
    /// The number of columns that ``decode(_:)`` reads.
    static let columns = 16

    static let names = """
        u.id, u.address, u.name, u.role, u.status, CASE WHEN u.password IS NULL THEN 0 ELSE 1 END,
        CASE WHEN u.totp IS NULL THEN 0 ELSE 1 END, u.issuer, u.subject, u.made_by, u.created_at, u.signed_in_at,
        a.id, a.reference, a.status, a.created_at
        """

    /// - Parameter further: columns behind those of a person, each after a comma.
    static func select(_ further: String = "") -> String {
        "SELECT \(names)\(further) FROM users u LEFT JOIN accounts a ON a.id = u.account_id"
    }

    static func decode(_ row: any DatabaseRow) throws -> User {
        let identity = row.optionalText(7).map { ProviderIdentity(issuer: $0, subject: row.text(8)) }
        return User(
            id: row.integer(0), address: EmailAddress(validated: row.text(1)), name: row.text(2), role: try row.choice(3),
            account: row.isNull(12) ? nil : try AccountRow.decode(row, at: 12), status: try row.choice(4), hasPassword: row.bool(5),
            hasSecondFactor: row.bool(6), identity: identity, madeBy: row.optionalText(9), createdAt: row.requiredTimestamp(10),
            signedInAt: row.timestamp(11))
    }
}
