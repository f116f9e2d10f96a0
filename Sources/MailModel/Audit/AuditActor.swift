/// Who made a change, and from where.
package struct AuditActor: Sendable, Hashable {
    /// What acted.
    package enum Kind: String, Sendable, CaseIterable {
        /// The operator with the master token.
        case master
        /// An API key.
        case key
        /// A person who is signed in.
        case user
        /// The program by itself.
        case system
    }

    /// What acted.
    package var kind: Kind
    /// The id of the key or person; `nil` for the others.
    package var id: Int64?
    /// The name of the key or person at that time; `master` and `martlet` for the others.
    package var name: String
    /// The client's address without port; `nil` for the program itself, and for commands at the database.
    package var address: String?
    /// By what a person was recognised: a ``UserSession/Factor``; `nil` for the others.
    package var factor: String?
    /// The id of a person's session; `nil` for the others.
    package var sessionID: Int64?

    /// An actor of these values.
    package init(kind: Kind, id: Int64? = nil, name: String, address: String? = nil, factor: String? = nil, sessionID: Int64? = nil) {
        self.kind = kind
        self.id = id
        self.name = name
        self.address = address
        self.factor = factor
        self.sessionID = sessionID
    }

    /// The program by itself: feedback, verification, jobs.
    package static let system = AuditActor(kind: .system, name: "martlet")

    /// The caller of a use case.
    package static func principal(_ principal: Principal) -> AuditActor {
        switch principal.identity {
        case .master: AuditActor(kind: .master, name: "master", address: principal.address)
        case .client(let key): AuditActor(kind: .key, id: key.id, name: key.name, address: principal.address)
        case .user(let person):
            AuditActor(
                kind: .user, id: person.user.id, name: person.user.name, address: principal.address,
                factor: person.session.factor.rawValue, sessionID: person.session.id)
        }
    }
}

/// Whose changes are searched for.
package enum AuditActorFilter: Sendable, Hashable {
    /// All of one kind.
    case kind(AuditActor.Kind)
    /// One key or person.
    case one(AuditActor.Kind, Int64)

    /// Reads `master`, `system`, `key`, `user`, `key:12` or `user:12`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let kind = AuditActor.Kind(rawValue: String(parts[0])) else { return nil }
        guard parts.count == 2 else {
            self = .kind(kind)
            return
        }
        guard kind == .key || kind == .user, let id = Int64(parts[1]), id > 0 else { return nil }
        self = .one(kind, id)
    }
}
