/// What a person may do (specification 2.12): a role at the operator's, or one at an account.
///
/// Its rights are rows of ``Action/holders``. The raw values are stored; people and the API see ``name``.
package enum Role: String, Sendable, CaseIterable {
    /// Everything at the operator's, other owners too.
    case owner
    /// Everything at the operator's but owners.
    case admin
    /// Reads all and lifts suppressions; sees no secret.
    case support
    /// Bills and usage.
    case billing
    /// Everything of one account.
    case accountAdmin = "account_admin"
    /// Sends, reads, and changes templates, endpoints and keys of one account.
    case developer
    /// Reads what is one account's.
    case viewer

    /// Where a person with a role works.
    package enum Place: Sendable {
        case `operator`, account
    }

    /// Where people with this role work.
    package var place: Place {
        switch self {
        case .owner, .admin, .support, .billing: .operator
        case .accountAdmin, .developer, .viewer: .account
        }
    }

    /// The role's name: `admin` at the operator's and at an account.
    package var name: String { self == .accountAdmin ? "admin" : rawValue }

    /// The role of a name at a place; `nil` where there is none.
    package init?(named name: String, at place: Place) {
        guard let role = Self.allCases.first(where: { $0.name == name && $0.place == place }) else { return nil }
        self = role
    }

    /// The roles of a place, the one with the most rights first.
    package static func all(at place: Place) -> [Role] {
        allCases.filter { $0.place == place }
    }

    /// Whether somebody with this role may give another one, and change or remove people who have it: only owners make owners, and nobody
    /// at an account makes operators.
    package func mayGive(_ other: Role) -> Bool {
        switch self {
        case .owner: true
        case .admin: other != .owner
        case .accountAdmin: other.place == .account
        case .support, .billing, .developer, .viewer: false
        }
    }

    /// The scopes that a key may get from somebody with this role: those whose every action the role may do itself.
    package var grantableScopes: Set<Scope> {
        Set(
            Scope.allCases.filter { scope in
                Action.allCases.allSatisfy { !$0.holders.contains(.key(scope)) || $0.holders.contains(.role(self)) }
            })
    }
}
