package import AmazonSES
import Concurrency
package import DNS
package import MailModel
package import Storage
import Synchronization

/// Checks the records of a domain in the public DNS (specification 3.8).
///
/// Changes nothing, here or at SES.
package final class DNSCheckService: Sendable {
    /// The time limit of each check.
    static let patience = Duration.seconds(8)

    /// Asks SES for the redirect domain of the configuration set of a tier.
    package typealias AskRedirect = @Sendable (OutboundConfiguration.Tier) async throws -> RedirectDomain?

    private let store: Store
    private let identities: any SESIdentities
    private let askRedirect: AskRedirect
    private let redirects = RedirectCache()
    private let ask: RecordLookup.Ask
    private let patience: Duration
    private let asking = SingleFlight<Int64, Result<DomainIdentity, SESError>>()
    private let cache = IdentityCache()

    /// - Parameters:
    ///   - identities: the identities at SES, which say what the records have to be.
    ///   - resolver: looks the records up.
    ///   - redirect: asks for redirect domains; without it there are none.
    package convenience init(
        store: Store, identities: any SESIdentities, resolver: Resolver, redirect: @escaping AskRedirect = { _ in nil }
    ) {
        self.init(store: store, identities: identities, patience: Self.patience, redirect: redirect) { await resolver.answer(to: $0, $1) }
    }

    init(
        store: Store, identities: any SESIdentities, patience: Duration, redirect: @escaping AskRedirect = { _ in nil },
        ask: @escaping RecordLookup.Ask
    ) {
        askRedirect = redirect
        self.store = store
        self.identities = identities
        self.patience = patience
        self.ask = ask
    }

    /// Checks all records of a domain at once.
    ///
    /// - Parameter reference: the account that the master means; `nil`: the one that has proven the name, else the oldest claim.
    /// - Throws: ``Refusal`` when there is no such domain, or it is not the caller's. A missing answer of the DNS or of SES is no
    ///   error: it is the state of a record.
    package func check(_ name: String, of reference: String? = nil, by principal: Principal) async throws -> DNSCheck {
        let domain = try await store.read { try OwnedDomain(name: name, principal: principal, reference: reference).find(in: $0) }.get()
        let isRequested = domain.verification.requestedAt != nil
        let records = DomainRecords(
            domain: domain.name, identity: isRequested ? await identity(of: domain) : nil, isRequested: isRequested,
            ownMailFrom: domain.verification.mailFrom, feedbackServer: identities.feedbackServer,
            lookup: lookup(until: .now + patience))
        return DNSCheck(domain: domain.name, checkedAt: store.now, records: await check(records, of: domain))
    }

    /// Returns the records that the owner of a domain has to set, those of its MAIL FROM domain included.
    ///
    /// - Throws: ``Refusal`` where `ses-verify` was not called yet, or SES does not answer.
    package func records(_ name: String, of reference: String? = nil, by principal: Principal) async throws -> VerificationRecords {
        let domain = try await store.read { try OwnedDomain(name: name, principal: principal, reference: reference).find(in: $0) }.get()
        guard domain.verification.requestedAt != nil else {
            throw Refusal(.conflict, "Call POST /domains/\(domain.name)/ses-verify first: SES then says what the records are")
        }
        guard let identity = await identity(of: domain), let token = identity.verificationToken else {
            throw Refusal(.unavailable, "SES did not say what the records are: try again in a minute", retryAfter: IdentityCache.lifetime)
        }
        let mailFrom = domain.verification.mailFrom ?? identity.mailFrom
        return VerificationRecords(
            domain: domain.name, token: token, dkimTokens: identity.dkimTokens, proof: proof(of: domain),
            mailFrom: mailFrom.map { MailFrom($0, server: identities.feedbackServer) })
    }

    /// The record that proves the claim, where one is needed and the account was told of it by `ses-verify`.
    private func proof(of domain: SendingDomain) -> DomainOwnership.Record? {
        domain.verification.requestedAt == nil ? nil : domain.ownership.record(of: domain.name)
    }

    private func check(_ records: DomainRecords, of domain: SendingDomain) async -> [RecordCheck] {
        let proof = proof(of: domain)
        async let redirect = records.redirect(redirects.redirect(of: domain.outbound.tier, at: store.now, askRedirect))
        async let verification = records.verification()
        async let ownership = records.ownership(proof)
        async let dkim = records.dkim()
        async let spf = records.spf()
        async let mailFrom = records.mailFromExchange()
        async let mailFromPolicy = records.mailFromPolicy()
        async let dmarc = records.dmarc()
        async let exchange = records.exchange()
        return await [verification] + ownership + dkim + [spf, mailFrom, mailFromPolicy, dmarc, exchange] + redirect
    }

    /// Returns a lookup whose queries are cancelled at the deadline, and then count as not answered.
    private func lookup(until deadline: ContinuousClock.Instant) -> RecordLookup {
        RecordLookup { [ask] name, type in
            let answer = try? await withTimeout(deadline - .now) { await ask(name, type) }
            return answer ?? .failed(.noAnswer)
        }
    }

    /// The set-up of a domain at SES; `nil` where SES does not answer.
    ///
    /// SES allows about one such call a second, so answers are cached.
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

    private let answers = Mutex(BoundedCache<Int64, (identity: DomainIdentity, at: Timestamp)>(capacity: 1000))

    func identity(of domainID: Int64, at now: Timestamp) -> DomainIdentity? {
        answers.withLock { answers in
            answers[domainID].flatMap { Self.isFresh($0.at, at: now) ? $0.identity : nil }
        }
    }

    func store(_ identity: DomainIdentity, of domainID: Int64, at now: Timestamp) {
        answers.withLock { $0.insert((identity, now), for: domainID) }
    }

    private static func isFresh(_ time: Timestamp, at now: Timestamp) -> Bool {
        time <= now && now - time < lifetime
    }
}
