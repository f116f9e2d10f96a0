import Hummingbird
import HummingbirdTesting
import MailModel
import Sending
import Storage
import TestSupport
import Testing

@testable import Dashboard

/// Who may do what in the dashboard, over HTTP: every page and every form, with the things of another account, by each set of scopes, and
/// without a session.
///
/// The pages and their actions are those of ``DashboardRoutes``; what they need is the table of rights. A page whose path has a parameter
/// without a value in ``Things`` fails the suite.
@Suite(.timeLimit(.minutes(5)))
struct MatrixTests {
    /// Every set of scopes that may sign in.
    private static let scopeSets: [Set<Scope>] = [[.read], [.read, .send], [.read, .manage], [.read, .send, .manage]]

    /// A stream does not end.
    private static let streams: Set = ["/dashboard/live"]

    @Test func `every page answers as the table of rights says`() async throws {
        try await withDashboard(.live) { dashboard async throws in
            let ours = try await Things(of: "acme", in: dashboard)
            let owner = try await dashboard.browser(try await dashboard.key(of: "acme").token)
            let pages = dashboard.routes.pages
            #expect(pages.count > 40)
            try await checkWithoutSession(pages, ours, dashboard)
            let before = try await state(pages, ours, owner)
            for scopes in Self.scopeSets {
                let other = try await dashboard.browser(try await dashboard.key(of: "other", scopes: scopes).token)
                for page in pages where !Self.streams.contains(page.path) {
                    try await check(page, by: scopes, other, ours)
                }
            }
            #expect(try await state(pages, ours, owner) == before)
            try await checkOwner(pages, ours, dashboard)
            try await checkMaster(pages, ours, dashboard)
        }
    }

    @Test(arguments: [[Scope.send], [.manage], [.send, .manage]])
    func `a key without the scope read does not sign in`(scopes: [Scope]) async throws {
        try await withDashboard { dashboard async throws in
            let browser = dashboard.browser()
            #expect(try await browser.logIn(try await dashboard.key(scopes: Set(scopes)).token).status == 403)
            #expect(!browser.hasSession)
        }
    }

    private func checkWithoutSession(_ pages: [Dashboard.Page], _ ours: Things, _ dashboard: DashboardHarness) async throws {
        for page in pages {
            let answer = try await ours.visit(page, dashboard.browser())
            #expect(answer.status == 303, "\(page.method) \(page.path)")
            #expect(answer.location?.hasPrefix("/dashboard/login") == true, "\(page.method) \(page.path)")
        }
    }

    /// A key of another account.
    private func check(_ page: Dashboard.Page, by scopes: Set<Scope>, _ other: Browser, _ ours: Things) async throws {
        let answer = try await ours.visit(page, other)
        let shown: Comment = "\(page.method) \(page.path) by \(scopes.map(\.rawValue)): \(answer.status)"
        guard let scope = page.action.scope, scopes.contains(scope) else {
            #expect(answer.status == (page.action.scope == nil ? 404 : 403), shown)
            return
        }
        #expect(!ours.words.contains(where: answer.text.contains), shown)
        if page.path.contains("{") {
            // A form may be refused for what it lacks before anything is looked up.
            #expect(page.method == .get ? answer.status == 404 : (400...499).contains(answer.status), shown)
        } else {
            #expect(answer.status != 403 && answer.status != 404, shown)
        }
    }

    /// A key of the owner with nothing but the scope that is needed: the things are real.
    private func checkOwner(_ pages: [Dashboard.Page], _ ours: Things, _ dashboard: DashboardHarness) async throws {
        for page in pages.filter({ $0.action.scope != nil && !Self.streams.contains($0.path) }).sorted(by: Self.lastOfAll) {
            let scopes = Set([.read, page.action.scope].compactMap(\.self))
            let browser = try await dashboard.browser(try await dashboard.key(of: "acme", scopes: scopes).token)
            let answer = try await ours.visit(page, browser)
            #expect(answer.status != 403 && answer.status != 404, "\(page.method) \(page.path): \(answer.status)")
            if page.method == .get { #expect(answer.status == 200, "\(page.path)") }
        }
    }

    /// What takes something away comes after what shows it.
    private static func lastOfAll(_ one: Dashboard.Page, _ other: Dashboard.Page) -> Bool {
        let isLast = [one, other].map { page in ["delete", "revoke", "cancel"].contains { page.path.hasSuffix($0) } }
        return !isLast[0] && isLast[1]
    }

    private func checkMaster(_ pages: [Dashboard.Page], _ ours: Things, _ dashboard: DashboardHarness) async throws {
        let browser = try await dashboard.browser(DashboardHarness.master)
        for page in pages where page.method == .get && page.action.scope == nil {
            let answer = try await ours.visit(page, browser)
            #expect(answer.status == 200, "\(page.path): \(answer.status)")
        }
    }

    /// What the owner sees.
    private func state(_ pages: [Dashboard.Page], _ ours: Things, _ owner: Browser) async throws -> [String: String] {
        var state: [String: String] = [:]
        for page in pages where page.method == .get && page.action.scope != nil && !Self.streams.contains(page.path) {
            state[page.path] = try await ours.visit(page, owner).text
        }
        return state
    }
}

/// One of everything that an account has, by the parameters of paths.
private struct Things {
    /// By the path before the parameter.
    let values: [String: String]
    /// What stands on no page of another account.
    let words: [String]

    private static let forms: [String: KeyValuePairs<String, String>] = [
        "/dashboard/domains": ["name": "made.example"], "/dashboard/callbacks": ["url": "https://hooks.example/made", "DELIVERED": "on"],
        "/dashboard/suppressions": ["address": "made@example.com"], "/dashboard/senders": ["email": "made@partner.example"],
        "/dashboard/domains/{name}/name": ["from_name": "Acme, Inc."],
        "/dashboard/domains/{name}/limits": ["daily": "10", "monthly": "100"], "/dashboard/domains/{name}/test": ["to": "a@example.com"],
    ]

    init(of account: String, in dashboard: DashboardHarness) async throws {
        let store = dashboard.store
        let domain = try await store.makeDomain("ours-only.example", account: account)
        var request = EmailRequest(to: "ann@c.example", from: "news@ours-only.example", text: "<p>the marker of ours</p>", subject: "Hello")
        request.sendAt = "2026-06-16T12:00:00Z"
        let submission = Submission(store: store, gate: Gate())
        let email = try await submission.accept(request, by: .master).email
        request.externalID = "our-campaign"
        request.sendAt = nil
        _ = try await submission.accept(request, by: .master)
        // No key changes one that has more scopes.
        let (key, _) = try await dashboard.key(of: account, scopes: [.manage])
        let owner = try await dashboard.browser(try await dashboard.key(of: account).token)
        _ = try await owner.post("/dashboard/suppressions", ["address": "left@ours.example"])
        _ = try await owner.post("/dashboard/senders", ["email": "ours@partner.example"])
        let accountID = domain.accountID
        let (endpoint, delivery) = try await store.write { tx in
            let endpoint = try tx.callbackEndpoints.insert(of: accountID, url: "https://hooks.example/ours", events: [], isActive: true)
            return (endpoint, try tx.callbacks.enqueuePing(to: endpoint))
        }
        let address = try EmailAddress("left@ours.example")
        let suppression = try #require(try await store.read { try $0.suppressions.find(address, sender: nil, accountID: accountID) })
        values = [
            "/dashboard/domains/": domain.name.description, "/dashboard/emails/": email.id.description,
            "/dashboard/campaigns/": "our-campaign", "/dashboard/suppressions/": "\(suppression.id)",
            "/dashboard/senders/": "ours@partner.example", "/dashboard/callbacks/": "\(endpoint.id)",
            "/dashboard/callbacks/deliveries/": "\(delivery.id)", "/dashboard/accounts/": "\(accountID)", "/dashboard/keys/": "\(key.id)",
        ]
        words = [
            "ours-only.example", "the marker of ours", "our-campaign", "left@ours.example", "ours@partner.example", "hooks.example/ours",
        ]
    }

    /// Loads a page, or sends its form.
    func visit(_ page: Dashboard.Page, _ browser: Browser) async throws -> Browser.Page {
        var path = page.path
        if let start = path.firstIndex(of: "{"), let end = path.firstIndex(of: "}") {
            let value = try #require(values[String(path[..<start])], "a value for the parameter of \(page.path)")
            path.replaceSubrange(start...end, with: value)
        }
        guard page.method == .post else { return try await browser.get(path) }
        return try await browser.post(path, Self.forms[page.path] ?? [:])
    }
}
