/// What a client key may do (specification 2.1).
package enum Scope: String, Sendable, CaseIterable {
    case send, read, manage
}

/// A client's key, without the token: that is shown once and kept only as a hash.
package struct APIKey: Sendable, Equatable, Identifiable {
    package var id: Int64
    package var account: Account
    /// The member of the account who acts: `operator` in the API of emails.
    package var name: String
    package var scopes: Set<Scope>
    package var isActive: Bool
    package var expiresAt: Timestamp?
    package var createdAt: Timestamp
    package var lastUsedAt: Timestamp?

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

/// What shall change about a key; what is `nil` stays.
package struct KeyChanges: Sendable {
    package var name: String?
    package var scopes: Set<Scope>?
    package var isActive: Bool?
    /// `.some(nil)` takes the expiry away.
    package var expiresAt: Timestamp??

    package init() {}
}

/// Who makes a call: the operator of the platform with the master token, or a customer with a key.
package enum Principal: Sendable, Equatable {
    case master
    case client(APIKey)

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

    /// The account the caller is bound to; `nil` for the master, who sees all.
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

    package func allows(_ scope: Scope) -> Bool {
        switch self {
        case .master: true
        case .client(let key): key.scopes.contains(scope)
        }
    }
}
