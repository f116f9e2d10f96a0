/// What an API key allows (specification 2.1).
package enum Scope: String, Sendable, CaseIterable {
    case send, read, manage
}

/// A client's API key without its token, which is shown once and stored only as a hash.
package struct APIKey: Sendable, Equatable, Identifiable {
    /// The id in the database.
    package var id: Int64
    /// The account that the key acts for.
    package var account: Account
    /// The member of the account who acts: `operator` in the API of emails.
    package var name: String
    /// What it allows.
    package var scopes: Set<Scope>
    /// Whether it is accepted at present.
    package var isActive: Bool
    /// From when on it is not accepted; `nil` for never.
    package var expiresAt: Timestamp?
    /// When it was created.
    package var createdAt: Timestamp
    /// When it was last used, to about a minute; `nil` for a key that was never used.
    package var lastUsedAt: Timestamp?

    /// A key with these values.
    package init(
        id: Int64, account: Account, name: String, scopes: Set<Scope>, isActive: Bool = true,
        expiresAt: Timestamp?, createdAt: Timestamp, lastUsedAt: Timestamp? = nil
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.scopes = scopes
        self.isActive = isActive
        self.expiresAt = expiresAt
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }
}

/// The changes of a key; `nil` leaves a property as it is.
package struct KeyChanges: Sendable {
    /// The new name.
    package var name: String?
    /// The new scopes.
    package var scopes: Set<Scope>?
    /// Whether the key is accepted from now on.
    package var isActive: Bool?
    /// The new expiry; `.some(nil)` removes it.
    package var expiresAt: Timestamp??

    /// No changes.
    package init() {}
}

/// The caller of a request: the operator of the platform with the master token, or a customer with a key.
package enum Principal: Sendable, Equatable {
    case master
    case client(APIKey)

    /// Whether the operator is the caller.
    package var isMaster: Bool {
        self == .master
    }

    /// The member of the account who acts, as emails name it.
    package var operatorName: String {
        switch self {
        case .master: "master"
        case .client(let key): key.name
        }
    }

    /// The account that the caller is restricted to; `nil` for the master, who may access all.
    package var accountID: Int64? {
        switch self {
        case .master: nil
        case .client(let key): key.account.id
        }
    }

    /// Whether the caller may see and change what belongs to an account: its own, or any for the master.
    package func mayAccess(account: Int64) -> Bool {
        accountID.map { $0 == account } ?? true
    }

    /// Whether the caller may do what needs this scope; the master may do all.
    package func allows(_ scope: Scope) -> Bool {
        switch self {
        case .master: true
        case .client(let key): key.scopes.contains(scope)
        }
    }
}
