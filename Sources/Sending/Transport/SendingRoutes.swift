import AmazonSES
import Concurrency
package import MailModel
package import Storage
import Synchronization

/// Finds the configuration set and the tenant of each email: by the tier of its domain, and by its account or domain.
///
/// A domain's tier is cached for ``lifetime``: a change of it takes effect within that time.
package final class SendingRoutes: Sendable {
    /// How long the tier of a domain is cached.
    static let lifetime: Duration = .seconds(5)
    private static let capacity = 20_000

    private struct Entry {
        var routing: DomainRouting
        var readAt: ContinuousClock.Instant
    }

    private let store: Store
    private let sets: ConfigurationSets
    private let tenants: TenantDirectory?
    private let uptime: @Sendable () -> ContinuousClock.Instant
    private let cache = Mutex(BoundedCache<Int64, Entry>(capacity: SendingRoutes.capacity))
    private let flight = SingleFlight<Int64, Result<DomainRouting?, any Error>>()

    /// Creates routes.
    ///
    /// - Parameters:
    ///   - sets: the configuration sets of the tiers.
    ///   - tenants: the tenants at SES; `nil` where emails have none.
    ///   - uptime: the monotonic time by which what is cached ages.
    package init(
        store: Store, sets: ConfigurationSets, tenants: TenantDirectory? = nil,
        uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.store = store
        self.sets = sets
        self.tenants = tenants?.isOn == true ? tenants : nil
        self.uptime = uptime
    }

    /// Returns the route of an email.
    func route(of origin: SendingOrigin) async throws(TransportError) -> SendingRoute {
        let routing = try await routing(of: origin)
        var route = SendingRoute(configurationSet: sets[routing?.tier ?? .shared])
        guard let tenants else { return route }
        let identity = SESResource.identity((routing?.name.description ?? origin.sender.description).lowercased())
        let resources = [identity] + (route.configurationSet.map { [.configurationSet($0)] } ?? [])
        route.tenant = try await tenants.tenant(of: origin, domain: routing?.name, for: resources)
        return route
    }

    /// SES has refused mail for its tenant, which does not exist or lacks an association: it is made anew.
    func forgetTenant(_ name: String, of origin: SendingOrigin) async {
        await tenants?.forget(name, of: origin)
    }

    /// Returns the route of an email as far as it is known without asking anybody.
    func knownRoute(of origin: SendingOrigin) -> SendingRoute {
        var route = SendingRoute(tenant: tenants?.knownTenant(of: origin))
        let routing = origin.domainID.flatMap { id in cache.withLock { $0[id]?.routing } }
        // A tier that is not known yet has no set.
        guard routing != nil || origin.domainID == nil || sets.isConstant else { return route }
        route.configurationSet = sets[routing?.tier ?? .shared]
        return route
    }

    /// - Returns: `nil` where no domain was charged, or where nothing depends on it.
    private func routing(of origin: SendingOrigin) async throws(TransportError) -> DomainRouting? {
        guard let id = origin.domainID, !sets.isConstant || tenants != nil else { return nil }
        let now = uptime()
        if let entry = cache.withLock({ $0[id] }), now - entry.readAt < Self.lifetime { return entry.routing }
        switch await flight.run(id, { await self.read(id) }) {
        case .success(let routing): return routing
        case .failure: throw TransportError(.retry(isThrottled: false), "The settings of its domain could not be read")
        }
    }

    private func read(_ id: Int64) async -> Result<DomainRouting?, any Error> {
        let now = uptime()
        do {
            let routing = try await store.read { try $0.domains.findRouting(id) }
            if let routing { cache.withLock { $0.insert(Entry(routing: routing, readAt: now), for: id) } }
            return .success(routing)
        } catch {
            return .failure(error)
        }
    }
}
