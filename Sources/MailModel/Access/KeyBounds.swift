/// What a key is bound to besides its scopes (specification 2.8).
///
/// A bound that is not set allows everything.
package struct KeyBounds: Sendable, Equatable {
    /// The domains that it may send from; empty: all of the account.
    ///
    /// Reading is not bound.
    package var domains: [DomainName]
    /// The addresses that it may be used from; empty: all.
    package var networks: [IPNetwork]
    /// The most requests a second, for each node; `nil`: any number.
    package var rateLimit: Int?

    /// Bounds; none that is not given.
    package init(domains: [DomainName] = [], networks: [IPNetwork] = [], rateLimit: Int? = nil) {
        self.domains = domains
        self.networks = networks
        self.rateLimit = rateLimit
    }

    /// The most domains, and the most networks, of a key.
    package static let maximumEntries = 100
    /// The rates that a key may be bound to, in requests a second.
    package static let rateLimits = 1...100_000

    /// Whether emails may be sent from an address.
    ///
    /// - Parameters:
    ///   - domain: the domain of the address in `from`, whether it is a domain of the account or that of a single verified sender.
    ///   - counted: the domain that the email counts for, which may be above it; `nil` for a single sender.
    package func allowSending(from domain: DomainName, countedFor counted: DomainName? = nil) -> Bool {
        domains.isEmpty || domains.contains(domain) || counted.map(domains.contains) ?? false
    }

    /// Whether the key may be used from an address, without its port.
    ///
    /// What is no address, such as a unix socket, is allowed only where none is set.
    package func allowUse(from address: String) -> Bool {
        guard !networks.isEmpty else { return true }
        guard let address = IPAddress(address)?.unmapped else { return false }
        return networks.contains { $0.contains(address) }
    }
}

/// All that a key may do: what it is compared by with others.
package struct KeyRights: Sendable, Equatable {
    /// What it allows.
    package var scopes: Set<Scope>
    /// What it is bound to.
    package var bounds: KeyBounds
    /// When it ends; `nil`: never.
    package var expiresAt: Timestamp?

    /// Rights of these values.
    package init(scopes: Set<Scope>, bounds: KeyBounds = KeyBounds(), expiresAt: Timestamp? = nil) {
        self.scopes = scopes
        self.bounds = bounds
        self.expiresAt = expiresAt
    }

    /// A right of a key, by its name in the API.
    package enum Kind: String, Sendable, CaseIterable {
        case scopes, domains
        case networks = "allowed_ips"
        case rateLimit = "rate_limit"
        case expiry = "expires_at"
    }

    /// Returns the first right in which others exceed these; `nil` where these include them all.
    package func firstExceeded(by other: KeyRights) -> Kind? {
        Kind.allCases.first { !includes(other, $0) }
    }

    private func includes(_ other: KeyRights, _ kind: Kind) -> Bool {
        switch kind {
        case .scopes: scopes.isSuperset(of: other.scopes)
        case .domains: Self.includes(bounds.domains, other.bounds.domains, by: ==)
        case .networks: Self.includes(bounds.networks, other.bounds.networks) { $0.contains($1) }
        case .rateLimit: bounds.rateLimit.map { limit in other.bounds.rateLimit.map { $0 <= limit } ?? false } ?? true
        case .expiry: expiresAt.map { end in other.expiresAt.map { $0 <= end } ?? false } ?? true
        }
    }

    /// Whether each entry is covered by one of a list in which none stands for all.
    private static func includes<Entry>(_ own: [Entry], _ others: [Entry], by covers: (Entry, Entry) -> Bool) -> Bool {
        own.isEmpty || (!others.isEmpty && others.allSatisfy { other in own.contains { covers($0, other) } })
    }
}

extension Principal {
    /// Whether the caller's key, if it has one, is not bound to other domains: ``KeyBounds/allowSending(from:countedFor:)``.
    package func maySend(from domain: DomainName, countedFor counted: DomainName? = nil) -> Bool {
        switch identity {
        case .master, .user: true
        case .client(let key): key.bounds.allowSending(from: domain, countedFor: counted)
        }
    }
}

extension APIKey {
    /// All that the key may do.
    package var rights: KeyRights { KeyRights(scopes: scopes, bounds: bounds, expiresAt: expiresAt) }
}
