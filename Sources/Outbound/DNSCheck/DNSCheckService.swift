package import AmazonSES
package import DNS
package import MailModel
package import Storage
import Synchronization

/// Checks the records of a domain in the public DNS (specification 3.8). Changes nothing, here or at SES.
package final class DNSCheckService: Sendable {
    /// The time limit of each check.
    static let patience = Duration.seconds(8)

    private let store: Store
    private let identities: any SESIdentities
    private let lookup: RecordLookup
    private let patience: Duration
    private let asking = SingleFlight<Int64, Result<DomainIdentity, SESError>>()
    private let cache = IdentityCache()

    /// - Parameters:
    ///   - identities: the identities at SES, which say what the records have to be.
    ///   - resolver: looks the records up.
    package convenience init(store: Store, identities: any SESIdentities, resolver: Resolver) {
        self.init(store: store, identities: identities, patience: Self.patience) { await resolver.answer(to: $0, $1) }
    }

    init(store: Store, identities: any SESIdentities, patience: Duration, ask: @escaping RecordLookup.Ask) {
        self.store = store
        self.identities = identities
        self.patience = patience
        lookup = RecordLookup(ask: ask)
    }

    /// Checks all records of a domain at once.
    ///
    /// - Throws: ``OutboundError`` when there is no such domain, or it is not the caller's. A missing answer of the DNS or of SES is no error:
    ///   it is the state of a record.
    package func check(_ name: String, by principal: Principal) async throws -> DNSCheck {
        let domain = try await store.read { try OwnedDomain(name: name, principal: principal).find(in: $0) }.get()
        let isRequested = domain.verification.requestedAt != nil
        let records = DomainRecords(
            domain: domain.name, identity: isRequested ? await identity(of: domain) : nil, isRequested: isRequested, lookup: lookup)
        return DNSCheck(domain: domain.name, checkedAt: store.now, records: await check(records))
    }

    private func check(_ records: DomainRecords) async -> [RecordCheck] {
        async let verification = within(patience) { [await records.verification()] }
        async let dkim = within(patience) { await records.dkim() }
        async let spf = within(patience) { [await records.spf()] }
        async let mailFrom = within(patience) { [await records.mailFromExchange()] }
        async let mailFromPolicy = within(patience) { [await records.mailFromPolicy()] }
        async let dmarc = within(patience) { [await records.dmarc()] }
        async let exchange = within(patience) { [await records.exchange()] }
        return await verification + dkim + spf + mailFrom + mailFromPolicy + dmarc + exchange
    }

    /// Runs `body`; its DNS queries are cancelled after `time`, and then count as not answered.
    private func within(_ time: Duration, _ body: @escaping @Sendable () async -> [RecordCheck]) async -> [RecordCheck] {
        await withTaskGroup(of: [RecordCheck]?.self) { group in
            group.addTask { await body() }
            group.addTask {
                // Cancelled when the DNS was faster.
                try? await Task.sleep(for: time)
                return nil
            }
            for await found in group {
                group.cancelAll()
                if let found { return found }
            }
            return []
        }
    }

    /// The set-up of a domain at SES; `nil` where SES does not answer. SES allows about one such call a second, so answers are cached.
    private func identity(of domain: SendingDomain) async -> DomainIdentity? {
        if let identity = cache.identity(of: domain.id, at: store.now) { return identity }
        let result = await asking.run(domain.id) { [identities] in
            do throws(SESError) {
                let identity = try await identities.identity(of: domain.name)
                return .success(identity)
            } catch {
                return .failure(error)
            }
        }
        guard let identity = try? result.get() else { return nil }
        cache.store(identity, of: domain.id, at: store.now)
        return identity
    }
}

/// The set-up of domains that SES returned within ``lifetime``: it changes rarely, and the page that shows it is loaded repeatedly.
final class IdentityCache: Sendable {
    static let lifetime = Duration.seconds(60)
    /// The number of entries at which expired ones are removed.
    private static let capacity = 1000

    private let answers = Mutex<[Int64: (identity: DomainIdentity, at: Timestamp)]>([:])

    func identity(of domainID: Int64, at now: Timestamp) -> DomainIdentity? {
        answers.withLock { answers in
            answers[domainID].flatMap { Self.isFresh($0.at, at: now) ? $0.identity : nil }
        }
    }

    func store(_ identity: DomainIdentity, of domainID: Int64, at now: Timestamp) {
        answers.withLock { answers in
            if answers.count >= Self.capacity { answers = answers.filter { Self.isFresh($0.value.at, at: now) } }
            answers[domainID] = (identity, now)
        }
    }

    private static func isFresh(_ time: Timestamp, at now: Timestamp) -> Bool {
        time <= now && now - time < lifetime
    }
}
