/// The caller of a request: who it is, and from where it calls.
package struct Principal: Sendable, Equatable {
    /// Who calls.
    package enum Identity: Sendable, Equatable {
        /// The operator of the platform, with the master token.
        case master
        /// A customer, with a key.
        case client(APIKey)
        /// A person, in a session or with a personal key.
        case user(SignedInUser)
    }

    /// Who calls.
    package var identity: Identity
    /// The client's address without its port, `local` on a unix socket; `nil` for the program itself.
    package var address: String?

    /// A caller.
    package init(_ identity: Identity, address: String? = nil) {
        self.identity = identity
        self.address = address
    }

    /// The operator, where no address is known.
    package static let master = Principal(.master)

    /// A customer, where no address is known.
    package static func client(_ key: APIKey) -> Principal {
        Principal(.client(key))
    }

    /// A person, where no address is known.
    package static func user(_ person: SignedInUser) -> Principal {
        Principal(.user(person))
    }

    /// Returns the same caller, calling from an address.
    package func calling(from address: String) -> Principal {
        Principal(identity, address: address)
    }
}

extension Principal {
    /// The person who calls; `nil` for the master token and keys.
    package var person: SignedInUser? {
        guard case .user(let person) = identity else { return nil }
        return person
    }

    /// Whether the caller has the master token, wherever it calls from.
    package var isMaster: Bool {
        identity == .master
    }

    /// The member of the account who acts, as emails name it.
    package var operatorName: String {
        switch identity {
        case .master: "master"
        case .client(let key): key.name
        case .user(let person): person.user.name
        }
    }

    /// The account of the caller; `nil` for the operator, who acts for all.
    package var account: Account? {
        switch identity {
        case .master: nil
        case .client(let key): key.account
        case .user(let person): person.user.account
        }
    }

    /// The account that the caller is restricted to; `nil` for the operator, who may access all.
    package var accountID: Int64? {
        account?.id
    }

    /// The id of the caller's key; `nil` for the operator and people.
    package var keyID: Int64? {
        switch identity {
        case .master, .user: nil
        case .client(let key): key.id
        }
    }

    /// The requests a second that the caller's key is bound to; `nil` for one that is not bound, and for the operator.
    package var rateLimit: Int? {
        switch identity {
        case .master, .user: nil
        case .client(let key): key.bounds.rateLimit
        }
    }

    /// Whether the caller may see and change what belongs to an account: its own, or any for the operator.
    package func mayAccess(account: Int64) -> Bool {
        accountID.map { $0 == account } ?? true
    }
}

extension Principal {
    /// By what the caller is told from all others: the key, the person, or the operator.
    package var holderName: String {
        switch identity {
        case .master: "master"
        case .client(let key): String(key.id)
        case .user(let person): "user:\(person.user.id)"
        }
    }

    /// What shares of the node's memory, connections and calls are counted by: the account, or the operator.
    package var shareholder: String {
        accountID.map(String.init) ?? "master"
    }

    /// What counts as one client's address for shares: see ``IPAddress/client(of:)``.
    package var clientAddress: String {
        address.map(IPAddress.client(of:)) ?? "local"
    }
}
