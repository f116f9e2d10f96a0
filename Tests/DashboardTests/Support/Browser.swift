import Access
import AmazonSES
import Callbacks
import DNS
import Dashboard
import Encoding
import Feedback
import Hummingbird
import HummingbirdTesting
import Logging
import MailModel
import NIOCore
import Platform
import Recipients
import Reports
import Sending
import Storage
import Synchronization
import TestSupport
import Web

@testable import Outbound

/// The dashboard on a real database of its own, and what makes browsers for it.
struct DashboardHarness: Sendable {
    static let master = "master-token-of-the-test"

    let routes: DashboardRoutes
    let client: any TestClientProtocol
    let store: Store
    let clock: TestClock
    let keys: KeyService

    /// A token of a new key.
    func key(of account: String = "acme", scopes: Set<Scope> = Set(Scope.allCases)) async throws -> (key: APIKey, token: String) {
        let issued = try await keys.create(NewKey(accountReference: account, name: "Ann", scopes: scopes), by: .master)
        return (issued.key, issued.token)
    }

    func browser() -> Browser {
        Browser(client: client)
    }

    /// A browser that is logged in.
    func browser(_ token: String) async throws -> Browser {
        let browser = browser()
        _ = try await browser.logIn(token)
        return browser
    }
}

/// A browser: stores cookies, and sends forms with their token.
final class Browser: Sendable {
    let client: any TestClientProtocol
    private let cookies = Mutex<[String: String]>([:])
    private let formToken = Mutex<String?>(nil)

    init(client: any TestClientProtocol) {
        self.client = client
    }

    struct Page: Sendable {
        let status: Int
        let headers: HTTPFields
        let text: String

        var location: String? { headers[.location] }
    }

    var hasSession: Bool { cookies.withLock { $0["martlet"] != nil } }

    func get(_ path: String) async throws -> Page {
        try await send(.get, path, body: nil, headers: [:])
    }

    /// - Parameter fields: without the token, which is that of the page loaded last.
    func post(_ path: String, _ fields: KeyValuePairs<String, String> = [:], headers: HTTPFields = [:]) async throws -> Page {
        var pairs = fields.map { "\($0)=\(PercentEncoding.encode($1))" }
        if let token = formToken.withLock({ $0 }) { pairs.append("csrf=\(token)") }
        return try await send(.post, path, body: pairs.joined(separator: "&"), headers: headers)
    }

    func logIn(_ token: String, next: String = "/dashboard") async throws -> Page {
        let page = try await post("/dashboard/login", ["token": token, "next": next])
        if page.status == 303 { _ = try await get("/dashboard") }
        return page
    }

    /// Forgets the token of the forms, to send requests as another site does.
    func forgetFormToken() {
        formToken.withLock { $0 = nil }
    }

    func takeOver(_ other: Browser) {
        let stolen = other.cookies.withLock { $0 }
        cookies.withLock { $0 = stolen }
    }

    private func send(_ method: HTTPRequest.Method, _ path: String, body: String?, headers: HTTPFields) async throws -> Page {
        var headers = headers
        let kept = cookies.withLock { $0.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ") }
        if !kept.isEmpty { headers[.cookie] = kept }
        if body != nil { headers[.contentType] = "application/x-www-form-urlencoded" }
        let page = try await client.execute(uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }) {
            Page(status: $0.status.code, headers: $0.headers, text: String(buffer: $0.body))
        }
        page.headers[values: .setCookie].forEach(store)
        if let found = page.text.firstMatch(of: /name="csrf" value="([0-9a-f]+)"/) { formToken.withLock { $0 = String(found.1) } }
        return page
    }

    private func store(_ cookie: String) {
        let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let isGone = cookie.contains("Max-Age=0")
        cookies.withLock { $0[String(pair[0])] = isGone ? nil : String(pair[1]) }
    }
}

/// Runs a test against the dashboard.
func withDashboard(
    _ setup: TestingSetup = .router, isSecure: Bool = false, masterToken: String = DashboardHarness.master,
    _ body: @escaping @Sendable (DashboardHarness) async throws -> Void
) async throws {
    let clock = TestClock()
    try await withStore(clock: clock) { store in
        try await withDashboard(setup, on: store, clock: clock, isSecure: isSecure, masterToken: masterToken, body)
    }
}

/// Runs a test against a dashboard on a database that others use as well.
func withDashboard(
    _ setup: TestingSetup = .router, on store: Store, clock: TestClock, isSecure: Bool = false,
    masterToken: String = DashboardHarness.master,
    _ body: @escaping @Sendable (DashboardHarness) async throws -> Void
) async throws {
    let authenticator = Authenticator(store: store, masterToken: masterToken)
    let keys = KeyService(store: store, authenticator: authenticator)
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let identities = LocalIdentities(wasRequested: { _ in false }, senderWasRequested: { _ in false })
    let links = UnsubscribeLinks(secret: Array(repeating: 7, count: 32), base: "https://mail.example")
    let subscriptionLinks = SubscriptionLinks(secret: Array(repeating: 8, count: 32), base: "https://mail.example")
    let submission = Submission(store: store, gate: Gate())
    let dashboard = DashboardRoutes(
        Services(
            store: store, authenticator: authenticator, sessions: SessionService(store: store, authenticator: authenticator),
            keys: keys, domains: DomainService(store: store, gate: Gate(), defaults: OutboundDefaults()),
            senders: SenderService(store: store, identities: identities, approval: .support, logger: quiet),
            verification: VerificationService(store: store, identities: identities, proof: .simulated),
            dnsChecks: DNSCheckService(store: store, identities: identities, patience: .seconds(8)) { _, _ in .noData },
            reputations: ReputationService(store: store, reputation: Reputation()), submission: submission,
            sentEmails: SentEmails(
                store: store, messages: MessageSource(store: store, composer: MessageComposer(links: links, hasPublicURL: true)),
                mask: LinkMask(unsubscribe: links, subscription: subscriptionLinks), masterSeesLinks: true),
            templates: TemplateService(store: store),
            subscriptions: SubscriptionService(store: store, submission: submission, links: subscriptionLinks),
            unsubscribes: UnsubscribeService(store: store, links: links), suppressions: SuppressionService(store: store),
            callbacks: CallbackService(store: store, policy: AddressPolicy(allowsPrivate: true, allowsHTTP: true)),
            reports: ReportService(store: store)),
        guillotine: Guillotine(), provider: ProviderQuota(ask: nil),
        isSecure: isSecure, logger: quiet)
    let application = Application(
        router: [dashboard.routes].router(logger: quiet), configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: quiet)
    try await application.test(setup) { client in
        try await body(DashboardHarness(routes: dashboard, client: client, store: store, clock: clock, keys: keys))
    }
}

/// A value that one test block passes to the next.
final class Box<Value: Sendable>: Sendable {
    private let content = Mutex<Value?>(nil)

    var value: Value? {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}
