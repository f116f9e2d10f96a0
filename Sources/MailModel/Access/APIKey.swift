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
    /// What it is bound to.
    package var bounds: KeyBounds
    /// Whether it is accepted at present.
    package var isActive: Bool
    /// From when on it is not accepted; `nil` for never.
    package var expiresAt: Timestamp?
    /// When it was created.
    package var createdAt: Timestamp
    /// When it was last used, to about a minute; `nil` for a key that was never used.
    package var lastUsedAt: Timestamp?
    /// Until when the token from before the last rotation is accepted; `nil` for a key that was never rotated.
    package var previousTokenExpiresAt: Timestamp?
    /// The id of its access key for the API of SES; `nil` where it has none.
    package var awsAccessKeyID: String?

    /// A key with these values.
    package init(
        id: Int64, account: Account, name: String, scopes: Set<Scope>, bounds: KeyBounds = KeyBounds(), isActive: Bool = true,
        expiresAt: Timestamp?, createdAt: Timestamp, lastUsedAt: Timestamp? = nil, previousTokenExpiresAt: Timestamp? = nil,
        awsAccessKeyID: String? = nil
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.scopes = scopes
        self.bounds = bounds
        self.isActive = isActive
        self.expiresAt = expiresAt
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.previousTokenExpiresAt = previousTokenExpiresAt
        self.awsAccessKeyID = awsAccessKeyID
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
    /// The domains that it may send from; none removes the bound.
    package var domains: [DomainName]?
    /// The addresses that it may be used from; none removes the bound.
    package var networks: [IPNetwork]?
    /// The most requests a second; `.some(nil)` removes the bound.
    package var rateLimit: Int??

    /// No changes.
    package init() {}
}

extension KeyChanges {
    /// Returns a key as these changes leave it.
    package func applied(to key: APIKey) -> APIKey {
        var key = key
        if let name { key.name = name }
        if let scopes { key.scopes = scopes }
        if let isActive { key.isActive = isActive }
        if let expiresAt { key.expiresAt = expiresAt }
        if let domains { key.bounds.domains = domains }
        if let networks { key.bounds.networks = networks }
        if let rateLimit { key.bounds.rateLimit = rateLimit }
        return key
    }
}
