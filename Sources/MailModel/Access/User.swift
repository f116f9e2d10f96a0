/// A person who signs in, at the operator's or at an account (specification 2.12).
package struct User: Sendable, Equatable, Identifiable {
    /// Whether a person may sign in.
    package enum Status: String, Sendable, CaseIterable {
        /// Invited, and has never signed in.
        case invited
        /// May sign in.
        case active
        /// May not sign in; all sessions have ended.
        case disabled
    }

    /// The id in the database.
    package var id: Int64
    /// The address that the person signs in with.
    ///
    /// Nobody else has it, in whatever case.
    package var address: EmailAddress
    /// The person's name, as the audit log shows it.
    package var name: String
    /// What the person may do.
    package var role: Role
    /// The account whose person it is; `nil` for one of the operator's.
    package var account: Account?
    /// Whether the person may sign in.
    package var status: Status
    /// Whether a password is set: people who only come by OpenID Connect have none.
    package var hasPassword: Bool
    /// Whether a second factor is set up.
    package var hasSecondFactor: Bool
    /// Who the person is at the provider of OpenID Connect; `nil` where it has never signed in by it.
    package var identity: ProviderIdentity?
    /// Who invited the person; `nil` for one made by the provider's say.
    package var madeBy: String?
    /// When the person was made.
    package var createdAt: Timestamp
    /// When the person last signed in; `nil` for never.
    package var signedInAt: Timestamp?

    /// A person of these values.
    package init(
        id: Int64, address: EmailAddress, name: String, role: Role, account: Account? = nil, status: Status = .invited,
        hasPassword: Bool = false, hasSecondFactor: Bool = false, identity: ProviderIdentity? = nil, madeBy: String? = nil,
        createdAt: Timestamp, signedInAt: Timestamp? = nil
    ) {
        self.id = id
        self.address = address
        self.name = name
        self.role = role
        self.account = account
        self.status = status
        self.hasPassword = hasPassword
        self.hasSecondFactor = hasSecondFactor
        self.identity = identity
        self.madeBy = madeBy
        self.createdAt = createdAt
        self.signedInAt = signedInAt
    }
}

/// Who a person is at a provider of OpenID Connect (OpenID Connect Core section 2): the pair that names one person for good.
package struct ProviderIdentity: Sendable, Hashable {
    /// The provider: `iss` of its tokens.
    package var issuer: String
    /// The person there: `sub`.
    package var subject: String

    /// A person at a provider.
    package init(issuer: String, subject: String) {
        self.issuer = issuer
        self.subject = subject
    }
}

/// The changes of a person; `nil` leaves a property as it is.
package struct UserChanges: Sendable, Equatable {
    /// The new name.
    package var name: String?
    /// The new role.
    package var role: Role?
    /// Whether the person may sign in from now on.
    package var status: User.Status?
    /// Who the person is at the provider.
    package var identity: ProviderIdentity?

    /// These changes.
    package init(name: String? = nil, role: Role? = nil, status: User.Status? = nil, identity: ProviderIdentity? = nil) {
        self.name = name
        self.role = role
        self.status = status
        self.identity = identity
    }
}

/// A link that was mailed to a person: it lets who has it set a password, once, until it expires.
package struct UserLink: Sendable, Equatable {
    /// What a link is for.
    package enum Kind: String, Sendable, CaseIterable {
        /// The first sign-in.
        case invitation
        /// A new password.
        case reset
    }

    /// How long a link can be used.
    package static let lifetime = Duration.seconds(24 * 3600)

    /// Whose link it is.
    package var userID: Int64
    /// What it is for.
    package var kind: Kind
    /// When it was made.
    package var createdAt: Timestamp
    /// From when on it is worth nothing.
    package var expiresAt: Timestamp

    /// A link of these values.
    package init(userID: Int64, kind: Kind, createdAt: Timestamp, expiresAt: Timestamp) {
        self.userID = userID
        self.kind = kind
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}
