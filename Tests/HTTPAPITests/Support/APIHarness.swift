import Access
import Callbacks
import Concurrency
import DNS
import Feedback
import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import MailModel
import Metering
import Platform
import Recipients
import Reports
import Sending
import Storage
import TestSupport
import Testing
import Web

@testable import HTTPAPI
@testable import Outbound

/// The API on a real database of its own, and a client for it.
struct APIHarness: Sendable {
    static let master = "master-token-of-the-test"
    static let metrics = "metrics-token-of-the-test"

    let api: APIRoutes
    let client: any TestClientProtocol
    let store: Store
    let clock: TestClock
    let keys: KeyService
    let identities: FakeIdentities
    let records: FakeRecords
    let sns: FakeSNS
    let log: LogRecorder
    let answers: AnswerLog

    var router: Router<APIContext> { [api.routes].router(logger: log.logger) }

    /// A token of a new key.
    func token(of account: String = "acme", scopes: Set<Scope> = Set(Scope.allCases)) async throws -> String {
        try await keys.create(NewKey(accountReference: account, name: "Ann", scopes: scopes), by: .master).token
    }

    /// Sends a request, and expects an answer as the API describes it.
    ///
    /// - Parameters:
    ///   - token: the master's when not given; `""` sends no `Authorization`.
    ///   - type: of the body; `nil` sends none.
    func send(
        _ method: HTTPRequest.Method, _ uri: String, token: String = master, body: String? = nil, type: String? = "application/json",
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        if !token.isEmpty { headers[.authorization] = "Bearer \(token)" }
        if body != nil, let type { headers[.contentType] = type }
        let answer = try await client.execute(uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }) {
            Answer(status: $0.status.code, headers: $0.headers, text: String(buffer: $0.body))
        }
        let faults = answers.faults(of: answer, to: method, uri)
        #expect(faults == [], "\(method) \(uri): \(answer.status) \(answer.text.prefix(1000))")
        return answer
    }
}

struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    var json: JSONValue? { try? JSONValue.parse(Array(text.utf8)) }
    var object: JSONObject { json?.objectValue ?? JSONObject() }
    var detail: String? { object["detail"]?.stringValue }
    var meta: JSONObject { object["meta"]?.objectValue ?? JSONObject() }
    var data: JSONObject { object["data"]?.objectValue ?? JSONObject() }
    var explain: String? { meta["explain"]?.stringValue }
}

/// Runs a test against the API.
func withAPI(
    _ setup: TestingSetup = .router, capacity: Int = 8192, memory: MemoryBudget? = nil,
    _ body: @escaping @Sendable (APIHarness) async throws -> Void
) async throws {
    let clock = TestClock()
    try await withStore(clock: clock, capacity: capacity) { store in
        let authenticator = Authenticator(
            store: store, masterToken: APIHarness.master, metricsToken: APIHarness.metrics,
            secrets: SecretBox(key: Array(repeating: 7, count: 32)))
        let metrics = MetricsRegistry([
            MetricFamily("martlet_http_requests_total", .counter, by: ["method", "route", "status"], "Requests.")
        ])
        let keys = KeyService(store: store, authenticator: authenticator)
        let identities = FakeIdentities()
        let records = FakeRecords()
        let sns = FakeSNS()
        let log = LogRecorder()
        let links = UnsubscribeLinks(secret: Array(repeating: 7, count: 32), base: "https://mail.example")
        let subscriptionLinks = SubscriptionLinks(secret: Array(repeating: 8, count: 32), base: "https://mail.example")
        let linkMask = LinkMask(unsubscribe: links, subscription: subscriptionLinks)
        let submission = Submission(store: store, gate: Gate())
        let api = APIRoutes(
            Services(
                store: store, authenticator: authenticator, sessions: SessionService(store: store, authenticator: authenticator),
                keys: keys, domains: DomainService(store: store, gate: Gate(), defaults: OutboundDefaults()),
                senders: SenderService(store: store, identities: identities, approval: .automatic, logger: .silent),
                verification: VerificationService(
                    store: store, identities: identities, proof: OwnershipProof { name in records.answer(name) }),
                dnsChecks: DNSCheckService(store: store, identities: identities, patience: .seconds(8)) { name, _ in
                    name == "_dmarc.shop.example" ? .records([.txt("v=DMARC1; p=reject; rua=mailto:d@shop.example")]) : .noData
                },
                reputations: ReputationService(store: store, reputation: Reputation()),
                submission: submission,
                sentEmails: SentEmails(
                    store: store, messages: MessageSource(store: store, composer: MessageComposer(links: links, hasPublicURL: true)),
                    mask: linkMask, masterSeesLinks: true),
                templates: TemplateService(store: store),
                subscriptions: SubscriptionService(store: store, submission: submission, links: subscriptionLinks),
                unsubscribes: UnsubscribeService(store: store, links: links),
                suppressions: SuppressionService(store: store),
                callbacks: CallbackService(store: store, policy: AddressPolicy()),
                reports: ReportService(store: store)),
            receiver: sns.receiver(
                store: store, feedback: FeedbackService(store: store, guillotine: Guillotine(), hideLinks: linkMask.masked, logger: .silent)
            ),
            metrics: MetricsReport(metrics),
            address: PublicAddress(configured: nil, local: "http://127.0.0.1:8080"),
            largestEmail: EmailSize(bytes: 1 << 20, attachmentBytes: 1 << 20))
        let groups = [api.routes]
        let middleware = RequestMiddleware(routeGroups: groups, memory: memory, logger: log.logger, metrics: metrics)
        let application = Application(
            router: groups.router(middleware),
            server: APIRoutes.server(
                ConnectionLimit(1000, proxies: TrustedProxies()),
                direct: DirectRoutes(groups, middleware: middleware, logger: .silent, clock: { [store] in store.now })),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: .silent)
        try await application.test(setup) { client in
            try await body(
                APIHarness(
                    api: api, client: client, store: store, clock: clock, keys: keys, identities: identities, records: records, sns: sns,
                    log: log,
                    answers: AnswerLog(api)))
        }
    }
}
