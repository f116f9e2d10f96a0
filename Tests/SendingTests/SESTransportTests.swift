import AmazonSES
import Logging
import MailModel
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Sending

/// An account at SES whose answers a test determines.
private final class ScriptedSES: SESSending, SESTenants {
    struct State {
        var sent: [AmazonSES.RawEmail] = []
        var failure: SESError?
        var isSendingEnabled: Bool? = true
        var pausedSets: Set<String> = []
        var pausedTenants: Set<String> = []
        var tenants: [String: Set<String>] = [:]
        var calls: [String] = []
        var tenantFailure: SESError?
    }

    let state = Mutex(State())

    func sendEmail(_ message: AmazonSES.RawEmail) async throws(SESError) -> String {
        let failure = state.withLock { state in
            state.sent.append(message)
            return state.failure
        }
        if let failure { throw failure }
        return "ses-1"
    }

    func account() async throws(SESError) -> SESAccount {
        let isEnabled = state.withLock { state in
            state.calls.append("account")
            return state.isSendingEnabled
        }
        return SESAccount(quota: SendQuota(max24HourSend: -1, maxSendRate: 14, sentLast24Hours: 3), isSendingEnabled: isEnabled)
    }

    func tenant(named name: String) async throws(SESError) -> SESTenant {
        let isPaused = state.withLock { $0.pausedTenants.contains(name) }
        return SESTenant(name: name, arn: Self.arn(name), sendingStatus: isPaused ? .disabled : .enabled)
    }

    func isSendingEnabled(configurationSet name: String) async throws(SESError) -> Bool {
        state.withLock { !$0.pausedSets.contains(name) }
    }

    func createTenant(named name: String) async throws(SESError) -> SESTenant {
        let failure = state.withLock { state in
            state.calls.append("create \(name)")
            if state.tenantFailure == nil { state.tenants[name] = [] }
            return state.tenantFailure
        }
        if let failure { throw failure }
        return SESTenant(name: name, arn: Self.arn(name), sendingStatus: .enabled)
    }

    func associate(_ resource: SESResource, with tenant: SESTenant) async throws(SESError) {
        state.withLock { state in
            state.calls.append("associate \(resource.path)")
            state.tenants[tenant.name]?.insert(resource.path)
        }
    }

    func verdict(onTenant arn: String) async throws(SESError) -> ProviderVerdict {
        ProviderVerdict(status: .enabled)
    }

    static func arn(_ name: String) -> String { "arn:aws:ses:eu-west-1:1:tenant/\(name)/tn-1" }
}

private let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
private let sets = ConfigurationSets(common: "mail", byTier: [.dedicated: "mail-dedicated"])

@Suite(.timeLimit(.minutes(1)))
struct SESTransportTests {
    private let clock = TestClock()
    private let ses = ScriptedSES()

    private func email(of domain: SendingDomain, from sender: String? = nil) -> Email {
        Email(
            id: EmailID(at: clock.now), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
            sender: EmailAddress(validated: sender ?? "a@\(domain.name)"), recipient: EmailAddress(validated: "r@customer.example"),
            status: .queued, externalID: nil, clientID: nil, createdAt: clock.now, updatedAt: clock.now,
            content: EmailContent(subject: "s", text: "t"))
    }

    private func transport(_ store: Store, _ mode: TenantMode = .off, limit: Int = 10_000) -> SESTransport {
        var settings = TenantSettings()
        (settings.mode, settings.limit) = (mode, limit)
        let tenants = TenantDirectory(store: store, client: ses, settings: settings, logger: silent)
        return SESTransport(client: ses, routes: SendingRoutes(store: store, sets: sets, tenants: tenants))
    }

    private func dedicate(_ domain: SendingDomain, in store: Store) async throws {
        try await store.write { tx in
            guard var domain = try tx.domains.find(domain.id) else { return }
            domain.outbound.tier = .dedicated
            tx.domains.update(domain)
        }
    }

    @Test func `the tier of the domain picks the configuration set`() async throws {
        try await withStore(clock: clock) { store in
            let shared = try await store.makeDomain("shared.example")
            let dedicated = try await store.makeDomain("dedicated.example")
            try await dedicate(dedicated, in: store)
            let transport = transport(store)
            for domain in [shared, dedicated] { _ = try await transport.send(email(of: domain), message: [1]) }
            #expect(ses.state.withLock { $0.sent.map(\.configurationSet) } == ["mail", "mail-dedicated"])
            #expect(transport.scopes(of: email(of: dedicated).origin).first == .configurationSet("mail-dedicated"))
        }
    }

    private static let paused = SESError(code: "SendingPausedException", message: "paused", httpStatus: 400, outcome: .paused)

    /// What SES says of the account, the set and the tenant, and what is parked.
    @Test(
        arguments: [
            (false, false, false, nil), (nil, true, true, nil), (true, true, false, SendingScope.configurationSet("mail")),
            (true, false, false, .identity("shop.example")),
        ] as [(Bool?, Bool, Bool, SendingScope?)])
    func `a pause is the account's, the set's or the identity's`(
        _ account: Bool?, _ set: Bool, _ tenant: Bool, _ scope: SendingScope?
    ) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            ses.state.withLock { state in
                (state.failure, state.isSendingEnabled) = (Self.paused, account)
                if set { state.pausedSets = ["mail"] }
            }
            let error = await #expect(throws: TransportError.self) {
                try await transport(store).send(email(of: domain), message: [1])
            }
            #expect(error?.consequence == scope.map { .parked($0) } ?? .paused)
        }
    }

    @Test func `a pause of a tenant parks the tenant`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let transport = transport(store, .domain)
            _ = try await transport.send(email(of: domain), message: [1])
            let name = try #require(ses.state.withLock { $0.sent.first?.tenant })
            ses.state.withLock { ($0.failure, $0.pausedTenants) = (Self.paused, [name]) }
            let error = await #expect(throws: TransportError.self) { try await transport.send(email(of: domain), message: [1]) }
            #expect(error?.consequence == .parked(.tenant(name)))
            #expect(transport.scopes(of: email(of: domain).origin).first == .tenant(name))
        }
    }

    @Test(arguments: [
        ("MessageRejected", "no", TransportError.Consequence.permanent(.notSent)),
        ("NotFoundException", "Configuration set <mail> does not exist.", .parked(.configurationSet("mail"))),
        ("TooManyRequestsException", "Maximum sending rate exceeded.", .retry(isThrottled: true)),
        ("AccountSuspendedException", "suspended", .paused),
    ])
    func `errors have their consequences`(_ code: String, _ message: String, _ consequence: TransportError.Consequence) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let outcome: SESError.Outcome =
                switch consequence {
                case .permanent: .permanent
                case .retry: .retry
                default: .paused
                }
            ses.state.withLock { $0.failure = SESError(code: code, message: message, httpStatus: 400, outcome: outcome) }
            let error = await #expect(throws: TransportError.self) {
                try await transport(store).send(email(of: domain), message: [1])
            }
            #expect(error?.consequence == consequence)
        }
    }

    @Test func `the quota is that of the account`() async throws {
        try await withStore(clock: clock) { store in
            let quota = try await transport(store).quota()
            #expect(quota == TransportQuota(messagesPerSecond: 14))
        }
    }

    // MARK: - Tenants

    @Test(arguments: [(TenantMode.account, 1), (.domain, 2)])
    func `a tenant is made once, with its associations`(_ mode: TenantMode, _ count: Int) async throws {
        try await withStore(clock: clock) { store in
            let domains = [try await store.makeDomain("shop.example"), try await store.makeDomain("news.example")]
            for _ in 0..<2 {
                // The second node, or the next start, finds what is stored.
                let transport = transport(store, mode)
                for domain in domains { _ = try await transport.send(email(of: domain), message: [1]) }
            }
            let state = ses.state.withLock { $0 }
            #expect(state.tenants.count == count && state.calls.filter { $0.hasPrefix("create") }.count == count)
            #expect(state.tenants.values.reduce(0) { $0 + $1.count } == 2 + count, "two identities, and the set of each tenant")
            #expect(Set(state.sent.compactMap(\.tenant)).count == count)
            #expect(state.sent.count == 4 && state.sent[0].tenant == state.sent[2].tenant)
        }
    }

    @Test func `mail beyond the limit leaves without a tenant`() async throws {
        try await withStore(clock: clock) { store in
            let domains = [try await store.makeDomain("shop.example"), try await store.makeDomain("news.example")]
            let transport = transport(store, .domain, limit: 1)
            for domain in domains { _ = try await transport.send(email(of: domain), message: [1]) }
            #expect(ses.state.withLock { $0.sent.map { $0.tenant != nil } } == [true, false])
        }
    }

    @Test func `so does mail where SES has no room`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            ses.state.withLock {
                $0.tenantFailure = SESError(code: "LimitExceededException", message: "full", httpStatus: 400, outcome: .retry)
            }
            let transport = transport(store, .domain)
            for _ in 0..<3 { _ = try await transport.send(email(of: domain), message: [1]) }
            let state = ses.state.withLock { $0 }
            #expect(state.sent.map(\.tenant) == [nil, nil, nil] && state.calls.count == 1, "and it is not asked each time")
        }
    }

    @Test func `mail of a tenant that cannot be made waits, and of no other`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            ses.state.withLock {
                $0.tenantFailure = SESError(code: "AccessDeniedException", message: "no", httpStatus: 403, outcome: .paused)
            }
            let error = await #expect(throws: TransportError.self) {
                try await transport(store, .domain).send(email(of: domain), message: [1])
            }
            guard case .parked(.tenant) = error?.consequence else { return #expect(Bool(false), "\(String(describing: error))") }
            #expect(ses.state.withLock { $0.sent.isEmpty })
        }
    }

    @Test func `a tenant that SES has forgotten is associated anew`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let transport = transport(store, .domain)
            _ = try await transport.send(email(of: domain), message: [1])
            ses.state.withLock {
                $0.failure = SESError(
                    code: "BadRequestException", message: "The tenant is not associated with it.", httpStatus: 400, outcome: .permanent)
            }
            let error = await #expect(throws: TransportError.self) { try await transport.send(email(of: domain), message: [1]) }
            guard case .parked(.tenant) = error?.consequence else { return #expect(Bool(false)) }
            ses.state.withLock { ($0.failure, $0.calls) = (nil, []) }
            _ = try await transport.send(email(of: domain), message: [1])
            #expect(ses.state.withLock { $0.calls } == ["associate identity/shop.example", "associate configuration-set/mail"])
        }
    }

    // MARK: - The verdict of SES

    @Test func `a verdict that changes is stored and told once`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let subject = TenantSubject.domain(domain.id)
            try await store.write { try $0.providerTenants.insert(subject, name: "shop", arn: ScriptedSES.arn("shop")) }
            let tenant = try #require(try await store.read { try $0.providerTenants.find(subject) })
            let verdicts = [
                ProviderVerdict(status: .enabled), ProviderVerdict(status: .enabled, impact: "LOW"),
                ProviderVerdict(status: .disabled, providerStatus: .disabled, providerCause: "Complaints.", impact: "HIGH"),
                ProviderVerdict(status: .disabled, providerStatus: .disabled, providerCause: "Complaints.", impact: "HIGH"),
                ProviderVerdict(status: .reinstated, impact: "HIGH"),
            ]
            for verdict in verdicts { try await store.write { try RecordVerdict(verdict, on: tenant).run(in: $0) } }
            let told = try await store.read { try $0.notices.list(of: domain.accountID, limit: 10) }.map(\.notice)
            #expect(told.map(\.event) == [.domainReputation, .domainReputation, .domainReputation])
            #expect(told.allSatisfy { $0.domain == domain.name })
            #expect(
                told.map(\.explanation).reversed() == [
                    "Amazon SES sends the mail. Its findings are of low impact.",
                    "Amazon SES has paused the mail. Its findings are of high impact. Complaints.",
                    "Amazon SES sends the mail again, although there are findings. Its findings are of high impact.",
                ])
            let stored = try await store.read { try $0.providerTenants.find(subject) }
            #expect(stored?.verdict == verdicts.last && stored?.checkedAt == clock.now && stored?.changedAt == clock.now)
        }
    }
}
