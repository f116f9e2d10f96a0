package import MailModel
package import Storage

/// What the provider has paused, for the people whose mail waits (specification 6.3).
package struct ProviderPauses: Sendable {
    private let store: Store
    private let sets: ConfigurationSets
    private let tenants: TenantMode

    /// Reads pauses.
    ///
    /// - Parameters:
    ///   - sets: the configuration sets of the tiers.
    ///   - tenants: for what tenants are made.
    package init(store: Store, sets: ConfigurationSets = ConfigurationSets(), tenants: TenantMode = .off) {
        self.store = store
        self.sets = sets
        self.tenants = tenants
    }

    /// Returns the pauses that hold up mail of a domain, the longest first.
    package func list(of domain: SendingDomain) async throws -> [SendingPause] {
        let origin = SendingOrigin(sender: EmailAddress(validated: "a@\(domain.name)"), accountID: domain.accountID, domainID: domain.id)
        return try await store.read { [sets, tenants] tx in
            let pauses = try tx.sendingPauses.list()
            guard !pauses.isEmpty else { return [] }
            let tenant = try tenants.subject(of: origin).flatMap { try tx.providerTenants.find($0)?.name }
            let route = SendingRoute(configurationSet: sets[domain.outbound.tier], tenant: tenant)
            let scopes = Set(route.scopes(of: origin.sender))
            return pauses.filter { scopes.contains($0.scope) || $0.scope.isBelow(domain.name) }
        }
    }
}

extension SendingScope {
    /// Whether it is an address at a domain, or a domain below it.
    fileprivate func isBelow(_ domain: DomainName) -> Bool {
        guard case .identity(let name) = self else { return false }
        return name.hasSuffix("@\(domain)") || name.hasSuffix(".\(domain)")
    }
}
