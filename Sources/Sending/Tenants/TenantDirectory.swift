package import AmazonSES
import Concurrency
package import Logging
package import MailModel
package import Storage
import Synchronization

/// The tenants of the emails that are sent: each is made at SES when its first email leaves, and associated with the identity and the
/// configuration set that the email needs.
///
/// Calls for that are paced like those for identities, so an email waits ``longestWait`` at the most, and few do at a time; the mail of a tenant
/// that takes longer is parked until it is ready. Nodes that make one at the same time come to the same.
package final class TenantDirectory: Sendable {
    /// How long an email waits for its tenant.
    static let longestWait: Duration = .seconds(5)
    /// How many emails wait at the same time.
    static let mostWaiting = 16
    /// How long what SES has refused is not asked for again.
    static let retryAfter: Duration = .seconds(30)
    /// How long nothing is made after SES has said that there are too many.
    static let fullFor: Duration = .seconds(3600)
    private static let capacity = 50_000

    private let store: Store
    private let client: any SESTenants
    private let settings: TenantSettings
    private let logger: Logger
    private let uptime: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    private struct State {
        var tenants = BoundedCache<TenantSubject, Entry>(capacity: TenantDirectory.capacity)
        var waiting = 0
        var preparing: Set<TenantSubject> = []
        var waiters: [TenantSubject: [AsyncStream<Void>.Continuation]] = [:]
        var fullUntil: ContinuousClock.Instant?
    }

    /// What is known of a tenant.
    private struct Entry {
        var tenant: SESTenant
        var resources: Set<String> = []
        /// Why it could not be made ready, and until when it is not tried again.
        var failure: (reason: String, until: ContinuousClock.Instant)?
    }

    /// Creates a directory.
    ///
    /// - Parameters:
    ///   - client: makes tenants and associations.
    ///   - uptime: the monotonic time; a test passes its own.
    package init(
        store: Store, client: any SESTenants, settings: TenantSettings, logger: Logger,
        uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.store = store
        self.client = client
        self.settings = settings
        self.logger = logger
        self.uptime = uptime
    }

    /// Whether emails have tenants at all.
    package var isOn: Bool { settings.mode != .off }

    /// Returns the name of the tenant that an email's mail has, as far as that is known without asking anybody.
    func knownTenant(of origin: SendingOrigin) -> String? {
        settings.mode.subject(of: origin).flatMap { subject in state.withLock { $0.tenants[subject]?.tenant.name } }
    }

    /// Returns the tenant that an email is sent with, ready for its identity and its configuration set; `nil` where it has none.
    ///
    /// - Parameters:
    ///   - resources: what it has to be associated with.
    ///   - domain: the domain that was charged, if one was.
    /// - Throws: ``TransportError`` that parks the tenant's mail, where it is not ready soon.
    func tenant(of origin: SendingOrigin, domain: DomainName?, for resources: [SESResource]) async throws(TransportError) -> String? {
        guard let subject = settings.mode.subject(of: origin) else { return nil }
        let wanted = Need(subject: subject, domain: domain, resources: resources)
        if let answer = try known(wanted) { return answer.name }
        begin(wanted)
        await wait(for: subject)
        if let answer = try known(wanted) { return answer.name }
        throw TransportError(.parked(.tenant(placeholder(of: subject))), "TenantPending: its tenant at Amazon SES is being made")
    }

    /// SES has refused mail of a tenant for what it is not associated with, or because it does not exist: both are made anew.
    func forget(_ name: String, of origin: SendingOrigin) async {
        guard let subject = settings.mode.subject(of: origin) else { return }
        state.withLock { $0.tenants.remove(subject) }
        do {
            try await store.write { try $0.providerTenants.deleteResources(of: name) }
        } catch {
            logger.warning("A tenant could not be stored", metadata: ["ses.tenant": "\(name)", "error": "\(error)"])
        }
    }

    private struct Need: Sendable {
        var subject: TenantSubject
        var domain: DomainName?
        var resources: [SESResource]

        var paths: Set<String> { Set(resources.map(\.path)) }
    }

    /// The name that the scope of a tenant has which is not made yet.
    private func placeholder(of subject: TenantSubject) -> String {
        state.withLock { $0.tenants[subject]?.tenant.name } ?? "\(subject.kind) \(subject.id)"
    }

    /// - Returns: the tenant, or that there is none for this email; `nil` where that is not known yet.
    private func known(_ wanted: Need) throws(TransportError) -> (name: String?, Void)? {
        let now = uptime()
        let (entry, fullUntil) = state.withLock { ($0.tenants[wanted.subject], $0.fullUntil) }
        if let entry {
            if wanted.paths.isSubset(of: entry.resources) { return (entry.tenant.name, ()) }
            if let failure = entry.failure, now < failure.until {
                throw TransportError(.parked(.tenant(entry.tenant.name)), failure.reason)
            }
            return nil
        }
        // There is no room for another: the mail leaves as it does without tenants.
        return fullUntil.map { now < $0 } ?? false ? (nil, ()) : nil
    }

    /// Begins to make a tenant ready, unless that is under way.
    private func begin(_ wanted: Need) {
        guard state.withLock({ $0.preparing.insert(wanted.subject).inserted }) else { return }
        // Unstructured, because it goes on for the mail that is parked when nobody waits any more.
        Task {
            await self.prepare(wanted)
            let waiters = self.state.withLock { state in
                state.preparing.remove(wanted.subject)
                return state.waiters.removeValue(forKey: wanted.subject) ?? []
            }
            for waiter in waiters { waiter.finish() }
        }
    }

    /// Waits until it was tried to make a tenant ready, a while at the most, and not at all where many wait already.
    private func wait(for subject: TenantSubject) async {
        let (ends, end) = AsyncStream<Void>.makeStream()
        let waits = state.withLock { state in
            guard state.waiting < Self.mostWaiting, state.preparing.contains(subject) else { return false }
            state.waiting += 1
            state.waiters[subject, default: []].append(end)
            return true
        }
        guard waits else { return }
        defer { state.withLock { $0.waiting -= 1 } }
        try? await withTimeout(Self.longestWait) { for await _ in ends {} }
    }
}

// MARK: - Making tenants

extension TenantDirectory {
    private struct Stored: Sendable {
        var label: String
        var tenant: ProviderTenant?
        var resources: Set<String>
        var count: Int64
    }

    private func prepare(_ wanted: Need) async {
        var name = ""
        do {
            let stored = try await stored(wanted)
            name = stored.tenant?.name ?? wanted.subject.tenantName(for: stored.label)
            guard let tenant = try await made(wanted, name, stored) else { return }
            var entry = Entry(tenant: tenant, resources: stored.resources)
            state.withLock { $0.tenants.insert(entry, for: wanted.subject) }
            for resource in wanted.resources where !entry.resources.contains(resource.path) {
                try await client.associate(resource, with: tenant)
                try await store.write { try $0.providerTenants.insert(resource: resource.path, of: tenant.name) }
                entry.resources.insert(resource.path)
            }
            state.withLock { $0.tenants.insert(entry, for: wanted.subject) }
        } catch {
            fail(wanted, name, error)
        }
    }

    private func stored(_ wanted: Need) async throws -> Stored {
        try await store.read { tx in
            let tenant = try tx.providerTenants.find(wanted.subject)
            let reference: String? = if case .account(let id) = wanted.subject { try tx.accounts.find(id)?.reference } else { nil }
            return Stored(
                label: reference ?? wanted.domain?.description ?? "", tenant: tenant,
                resources: try tenant.map { try tx.providerTenants.resources(of: $0.name) } ?? [], count: try tx.providerTenants.count())
        }
    }

    /// Returns the tenant as it was stored, or a new one; `nil` where there is no room for another.
    private func made(_ wanted: Need, _ name: String, _ stored: Stored) async throws -> SESTenant? {
        if let known = stored.tenant { return SESTenant(name: known.name, arn: known.arn) }
        guard stored.count < Int64(settings.limit) else {
            noteFull("\(settings.limit) tenants were made, which is the limit")
            return nil
        }
        do throws(SESError) {
            let tenant = try await client.createTenant(named: name)
            try await keep(tenant, of: wanted.subject)
            return tenant
        } catch {
            guard error.code == "LimitExceededException" else { throw error }
            noteFull(error.description)
            return nil
        }
    }

    private func keep(_ tenant: SESTenant, of subject: TenantSubject) async throws(SESError) {
        do {
            try await store.write { try $0.providerTenants.insert(subject, name: tenant.name, arn: tenant.arn) }
        } catch {
            throw SESError(code: "NotStored", message: "the tenant could not be stored: \(error)", outcome: .retry)
        }
        logger.notice("A tenant was made at SES", metadata: ["ses.tenant": "\(tenant.name)"])
    }

    private func noteFull(_ reason: String) {
        state.withLock { $0.fullUntil = uptime() + Self.fullFor }
        logger.warning("No further tenants are made at SES: mail leaves without one", metadata: ["ses.error": "\(reason)"])
    }

    /// Records why a tenant is not ready: its mail waits.
    private func fail(_ wanted: Need, _ name: String, _ error: any Error) {
        logger.warning("A tenant is not ready at SES", metadata: ["ses.tenant": "\(name)", "ses.error": "\(error)"])
        state.withLock { state in
            var entry = state.tenants[wanted.subject] ?? Entry(tenant: SESTenant(name: name, arn: ""))
            entry.failure = ("\(error)", uptime() + Self.retryAfter)
            state.tenants.insert(entry, for: wanted.subject)
        }
    }
}
