import MailModel
import Storage
import TestSupport
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(1)))
struct AuditPageTests {
    /// Makes changes of two accounts, some by forms.
    private static func fill(_ dashboard: DashboardHarness) async throws -> (acme: Browser, globex: Browser) {
        let acme = try await dashboard.browser(try await dashboard.key().token)
        let globex = try await dashboard.browser(try await dashboard.key(of: "globex").token)
        _ = try await acme.post("/dashboard/suppressions", ["address": "Jane@customer.example"])
        _ = try await globex.post("/dashboard/senders", ["email": "bob@globex.example"])
        return (acme, globex)
    }

    @Test func theOperatorSeesAllAndACustomerItsOwn() async throws {
        try await withDashboard { dashboard async throws in
            let (acme, globex) = try await Self.fill(dashboard)
            let operatorPage = try await dashboard.browser(DashboardHarness.master).get("/dashboard/audit")
            #expect(operatorPage.status == 200 && !operatorPage.text.contains("⟦"))
            for word in ["suppression.add", "recipient:J***@customer.example", "sender:bob@globex.example", "session.create", "globex"] {
                #expect(operatorPage.text.contains(word), "\(word)")
            }
            let own = try await acme.get("/dashboard/audit").text
            #expect(own.contains("suppression.add") && !own.contains("globex"))
            let theirs = try await globex.get("/dashboard/audit").text
            #expect(theirs.contains("sender.request") && !theirs.contains("suppression.add</th>"))
            #expect(try await acme.get("/dashboard/audit.csv").text.contains("suppression.add"))
            #expect(!(try await globex.get("/dashboard/audit.csv").text.contains("suppression.add")))
            #expect(try await globex.get("/dashboard/audit?account=acme").text.contains("sender.request"))
        }
    }

    @Test func noAddressIsShownInFull() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await Self.fill(dashboard)
            let browser = try await dashboard.browser(DashboardHarness.master)
            for path in ["/dashboard/audit", "/dashboard/audit.csv"] {
                #expect(!(try await browser.get(path).text.lowercased().contains("jane")), "\(path)")
            }
        }
    }

    @Test(arguments: [
        ("target=recipient:jane@customer.example", 1), ("action=sender", 1), ("action=suppression.add&actor=key", 1), ("actor=system", 0),
        ("since=2026-06-15&until=2026-06-15&action=suppression", 1), ("until=2020-01-01", 0),
    ])
    func filters(_ query: String, _ count: Int) async throws {
        try await withDashboard { dashboard async throws in
            _ = try await Self.fill(dashboard)
            let page = try await dashboard.browser(DashboardHarness.master).get("/dashboard/audit?\(query)")
            #expect(page.status == 200 && page.text.ranges(of: "<th scope=\"row\">").count == count)
            #expect(page.text.contains("No change is like that") == (count == 0))
        }
    }

    @Test(arguments: ["actor=Ann", "action=x", "target=planet", "since=x"])
    func aWrongFilterIsSaid(_ query: String) async throws {
        try await withDashboard { dashboard async throws in
            let page = try await dashboard.browser(DashboardHarness.master).get("/dashboard/audit?\(query)")
            #expect(page.status == 200 && page.text.contains("role=\"alert\"") && !page.text.contains("⟦"))
        }
    }

    @Test func pages() async throws {
        try await withDashboard { dashboard async throws in
            try await dashboard.store.write { tx in
                for number in 0..<120 {
                    try tx.audit.insert(AuditChange(.keyCreate, target: .key(Int64(number)), account: nil), by: .system)
                }
            }
            let browser = try await dashboard.browser(DashboardHarness.master)
            var path: String? = "/dashboard/audit?action=key.create"
            var counts: [Int] = []
            while let next = path {
                let text = try await browser.get(next).text
                counts.append(text.ranges(of: "<th scope=\"row\">").count)
                path = text.firstMatch(of: /href="([^"]*)" rel="next"/).map { String($0.1).replacing("&amp;", with: "&") }
            }
            #expect(counts == [50, 50, 20])
        }
    }

    @Test func aKeyThatOnlyReadsMayNotSeeIt() async throws {
        try await withDashboard { dashboard async throws in
            let browser = try await dashboard.browser(try await dashboard.key(scopes: [.read]).token)
            #expect(try await browser.get("/dashboard/audit").status == 403)
            #expect(!(try await browser.get("/dashboard").text.contains("/dashboard/audit")))
        }
    }

    /// Signing in and out are rows, by whom and from where.
    @Test func sessionsAreLogged() async throws {
        try await withDashboard { dashboard async throws in
            let browser = try await dashboard.browser(try await dashboard.key().token)
            _ = try await browser.post("/dashboard/logout")
            _ = try await dashboard.browser().logIn("wrong")
            let rows = try await dashboard.store.read { try $0.audit.list(matching: AuditFilter(), of: nil, after: nil, limit: 10) }
            let sessions = rows.filter { $0.action.hasPrefix("session.") }
            #expect(sessions.map(\.action) == ["session.end", "session.create"])
            #expect(
                sessions.allSatisfy {
                    $0.actor.kind == .key && $0.actor.name == "Ann" && $0.actor.address != nil && $0.accountReference == "acme"
                })
        }
    }
}
