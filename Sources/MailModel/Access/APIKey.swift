/// What a client key may do (specification 2.1).
public enum Scope: String, Sendable, CaseIterable {
    case send, read, manage
}

/// A client's key, without the token: that is shown once and kept only as a hash.
public struct APIKey: Sendable, Equatable, Identifiable {
    public var id: Int64
    public var account: Account
    /// The member of the account who acts: `operator` in the API of emails.
    public var name: String
    public var scopes: Set<Scope>
    public var isActive: Bool
    public var expiresAt: Timestamp?
    public var createdAt: Timestamp
    public var lastUsedAt: Timestamp?

    public init(
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
public struct KeyChanges: Sendable {
    public var name: String?
    public var scopes: Set<Scope>?
    public var isActive: Bool?
    /// `.some(nil)` takes the expiry away.
    public var expiresAt: Timestamp??

    public init() {}
}

/// Who makes a call: the operator of the platform with the master token, or a customer with a key.
public enum Principal: Sendable, Equatable {
    case master
    case client(APIKey)

    public var isMaster: Bool {
        self == .master
    }

    /// The member of the account who acts, as emails name it.
    public var operatorName: String {
        switch self {
        case .master: "master"
        case .client(let key): key.name
        }
    }

    /// The account the caller is bound to; `nil` for the master, who sees all.
    public var accountID: Int64? {
        switch self {
        case .master: nil
        case .client(let key): key.account.id
        }
    }

    /// Whether the caller may see and change what belongs to an account: its own, or any for the master.
    public func mayAccess(account: Int64) -> Bool {
        accountID.map { $0 == account } ?? true
    }

    public func allows(_ scope: Scope) -> Bool {
        switch self {
        case .master: true
        case .client(let key): key.scopes.contains(scope)
        }
    }
}
