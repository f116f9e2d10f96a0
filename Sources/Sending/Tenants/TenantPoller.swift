package import AmazonSES
package import Logging
import MailModel
import Periodic
package import Storage

/// Asks SES what it says of the reputation of tenants, stores it, and tells the account when it changes (specification 6.7).
///
/// One node at a time does it. The calls are paced like those for identities.
package struct TenantPoller: PeriodicService {
    /// The time between two rounds.
    static let interval = Duration.seconds(60)
    /// The most tenants of a round.
    static let batch = 20
    /// After how long SES is asked about a tenant again; with many tenants it takes longer.
    static let recheckAfter = Duration.seconds(600)

    private let store: Store
    private let client: any SESTenants
    private let logger: Logger
    private let lease: JobLease

    /// Creates a poller.
    package init(store: Store, client: any SESTenants, logger: Logger) {
        self.store = store
        self.client = client
        self.logger = logger
        lease = store.lease(of: .pollReputation)
    }

    /// Asks about the tenants that are due, one after the other.
    ///
    /// - Returns: the time until the next round.
    @discardableResult
    package func round() async throws -> Duration {
        guard await renewLease() else { return Self.interval }
        for tenant in await due() {
            guard await renewLease(), await check(tenant) else { break }
        }
        await lease.release()
        return Self.interval
    }

    private func due() async -> [ProviderTenant] {
        do {
            return try await store.read { try $0.providerTenants.list(checkedBefore: $0.now - Self.recheckAfter, limit: Self.batch) }
        } catch {
            logger.warning("Tenants not read", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func renewLease() async -> Bool {
        do {
            return try await lease.step { _ in true } ?? false
        } catch {
            logger.warning("The lease of the poll of tenants is not known", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// - Returns: whether to go on with further tenants in this round.
    private func check(_ tenant: ProviderTenant) async -> Bool {
        do {
            let verdict = try await client.verdict(onTenant: tenant.arn)
            try await store.write { try RecordVerdict(verdict, on: tenant).run(in: $0) }
            return true
        } catch let error as SESError where error.code == "NotFoundException" {
            return await forget(tenant)
        } catch {
            logger.warning("SES said nothing of a tenant", metadata: ["ses.tenant": "\(tenant.name)", "error": "\(error)"])
            return false
        }
    }

    /// Somebody has deleted the tenant at SES: it is made anew when its next email leaves.
    private func forget(_ tenant: ProviderTenant) async -> Bool {
        logger.warning("SES does not know a tenant any more", metadata: ["ses.tenant": "\(tenant.name)"])
        return (try? await store.write { try $0.providerTenants.delete(named: tenant.name) }) != nil
    }
}

/// Stores what SES says of a tenant, and tells its account when that changes.
struct RecordVerdict: Sendable {
    private let verdict: ProviderVerdict
    private let tenant: ProviderTenant

    init(_ verdict: ProviderVerdict, on tenant: ProviderTenant) {
        self.verdict = verdict
        self.tenant = tenant
    }

    func run(in tx: Transaction) throws {
        let before = try tx.providerTenants.update(verdict, of: tenant.name)
        // What SES says first is news only where it is bad.
        guard verdict.differs(from: before ?? ProviderVerdict(status: .enabled)) else { return }
        switch tenant.subject {
        case .account(let id): try notify(id, nil, in: tx)
        case .domain(let id):
            guard let domain = try tx.domains.find(id), domain.deletedAt == nil else { return }
            try notify(domain.accountID, domain.name, in: tx)
        }
    }

    private func notify(_ accountID: Int64, _ domain: DomainName?, in tx: Transaction) throws {
        let event = domain == nil ? AccountNotice.Event.accountReputation : .domainReputation
        try tx.notices.insert(AccountNotice(event, domain: domain, explanation: verdict.explanation), for: accountID)
    }
}
