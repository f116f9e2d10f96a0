package import AmazonSES
package import DNS
package import MailModel
package import Storage

/// Looks at a domain's records in the real DNS (specification 3.8). Changes nothing, here or at SES.
package final class DNSCheckService: Sendable {
    /// How long a record may take.
    static let patience = Duration.seconds(8)

    private let store: Store
    private let identities: any SESIdentities
    private let lookup: RecordLookup
    private let patience: Duration
    private let asking = SingleFlight<Int64, Result<DomainIdentity, SESError>>()
    private let known: IdentityCache

    package convenience init(store: Store, identities: any SESIdentities, resolver: Resolver) {
        self.init(store: store, identities: identities, patience: Self.patience) { await resolver.answer(to: $0, $1) }
    }

    init(store: Store, identities: any SESIdentities, patience: Duration, ask: @escaping RecordLookup.Ask) {
        self.store = store
        self.identities = identities
        self.patience = patience
        lookup = RecordLookup(ask: ask)
        known = IdentityCache()
    }

    /// Looks at all records of a domain at once.
    ///
    /// - Throws: ``OutboundError`` when there is no such domain, or it is not the caller's. What the DNS or SES does not say is no error.
    package func check(_ name: String, by principal: Principal) async throws -> DNSCheck {
        let domain = try await store.read { try $0.domain(name, for: principal) }.get()
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

    /// What SES knows of a domain; `nil` where it does not say now. Of its calls there is one a second: the answer is kept for a while.
    private func identity(of domain: SendingDomain) async -> DomainIdentity? {
        if let identity = known.identity(of: domain.id, at: store.now) { return identity }
        let result = await asking.run(domain.id) { [identities] in
            do throws(SESError) {
                let identity = try await identities.identity(of: domain.name)
                return .success(identity)
            } catch {
                return .failure(error)
            }
        }
        guard let identity = try? result.get() else { return nil }
        known.keep(identity, of: domain.id, at: store.now)
        return identity
    }
}

/// Runs `body`, whose questions to the DNS are given up when the time is over: they then count as not answered.
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
