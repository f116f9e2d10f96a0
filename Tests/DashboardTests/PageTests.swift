import Access
import Feedback
import Hummingbird
import MailModel
import Sending
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PageTests {
    /// Inserts a suspended domain, a full quota, a blocked and a reviewed account, and a frozen month.
    private static func fill(_ dashboard: DashboardHarness) async throws {
        let store = dashboard.store
        _ = try await store.makeDomain("acme.example") { domain in
            domain.outbound.dailyLimit = 100
            domain.outbound.monthlyLimit = 1000
            domain.counters.sentToday = 100
            domain.counters.sentThisMonth = 100
            domain.counters.bounces = 5
            domain.suspend(reason: "guillotine: <b>5 %</b>", at: domain.createdAt)
        }
        _ = try await store.makeDomain("new.example", isVerified: false)
        _ = try await store.makeDomain("globex.example", account: "globex") { $0.outbound.dailyLimit = 10 }
        try await store.write { tx in
            for (name, decision) in [("acme", ReviewDecision.block), ("globex", .keep)] {
                guard let account = try tx.accounts.find(reference: name) else { continue }
                _ = try ReviewAccount(account: account, decision: decision, note: "<script>alert(1)</script>", by: .master).run(in: tx)
            }
        }
        _ = try await dashboard.store.resetMonthly()
        _ = try await dashboard.key()
    }

    private static let masterPages = [
        "/dashboard", "/dashboard/domains", "/dashboard/domains?q=acme&state=suspended", "/dashboard/domains?account=acme",
        "/dashboard/domains/acme.example", "/dashboard/domains/new.example", "/dashboard/keys", "/dashboard/keys?account=acme",
        "/dashboard/accounts", "/dashboard/accounts?q=ac", "/dashboard/accounts/1", "/dashboard/reviews", "/dashboard/billing",
        "/dashboard/billing?period=2026-06", "/dashboard?account=acme",
        "/dashboard/search", "/dashboard/search?q=acme", "/dashboard/addresses?address=ann@customer.example", "/dashboard/callbacks",
    ]

    /// A value that the model lacks is rendered as ⟦name⟧.
    @Test func noPageLacksAValue() async throws {
        try await withDashboard { dashboard async throws in
            let empty = try await dashboard.browser(DashboardHarness.master)
            for path in [
                "/dashboard", "/dashboard/domains", "/dashboard/keys", "/dashboard/accounts", "/dashboard/reviews", "/dashboard/billing",
            ] {
                try Self.check(try await empty.get(path), path)
            }
            try await Self.fill(dashboard)
            let browser = try await dashboard.browser(DashboardHarness.master)
            for path in Self.masterPages { try Self.check(try await browser.get(path), path) }
            let customer = try await dashboard.browser(try await dashboard.key().token)
            for path in [
                "/dashboard", "/dashboard/domains", "/dashboard/domains/acme.example", "/dashboard/domains/new.example", "/dashboard/keys",
            ] {
                try Self.check(try await customer.get(path), path)
            }
        }
    }

    private static func check(_ page: Browser.Page, _ path: String) throws {
        #expect(page.status == 200, "\(path)")
        #expect(!page.text.contains("⟦"), "\(path): \(page.text.firstMatch(of: /⟦[^⟧]*⟧/).map { String($0.output) } ?? "")")
        #expect(!page.text.contains("<script>alert") && !page.text.contains("<b>5 %"), "\(path)")
        #expect(page.text.contains("</html>"), "\(path)")
    }

    /// A domain that somebody suspended is no news to them; nine tenths of a month's limit are.
    @Test func theOverviewNamesWhatNeedsSomebody() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.store.makeDomain("full.example") { domain in
                (domain.outbound.monthlyLimit, domain.counters.sentThisMonth) = (1000, 900)
            }
            _ = try await dashboard.store.makeDomain("half.example") { domain in
                (domain.outbound.monthlyLimit, domain.counters.sentThisMonth) = (1000, 899)
            }
            _ = try await dashboard.store.makeDomain("stopped.example") { $0.suspend(reason: "on purpose", at: $0.createdAt) }
            _ = try await dashboard.store.makeDomain("quiet.example", account: "quiet")
            let browser = try await dashboard.browser(DashboardHarness.master)
            let page = try await browser.get("/dashboard").text
            #expect(page.contains("full.example has used 90 % of its monthly limit of 1,000."))
            #expect(!page.contains("half.example") && !page.contains("stopped.example"))
            #expect(try await browser.get("/dashboard?account=quiet").text.contains("Nothing needs attention."))
            _ = try await dashboard.store.makeDomain("bad.example") { $0.suspend(reason: "guillotine: bounce rate 4 %", at: $0.createdAt) }
            let later = try await browser.get("/dashboard").text
            #expect(later.contains("bad.example was suspended automatically: bounce rate 4 %; now"))
        }
    }

    @Test func anEmailShowsItsCopiesAndFilesAsText() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.store.makeDomain("acme.example")
            var request = EmailRequest(to: "to@c.example", from: "news@acme.example", text: "t", subject: "s")
            request.cc = ["cc@c.example"]
            request.attachments = [.init(filename: "<script>alert(1)<b>5 %<.pdf", content: "Zm9v")]
            let email = try await Submission(store: dashboard.store, gate: Gate()).accept(request, by: .master).email
            let copy = try #require(email.content.recipients?.copies.first)
            let browser = try await dashboard.browser(try await dashboard.key().token)
            let page = try await browser.get("/dashboard/emails/\(email.id)")
            try Self.check(page, "primary")
            #expect(page.text.contains("&lt;script&gt;alert(1)&lt;b&gt;5 %&lt;.pdf (application/pdf, 3 bytes)"))
            #expect(page.text.contains("/dashboard/emails/\(copy.id)\">cc@c.example, "))
            let other = try await browser.get("/dashboard/emails/\(copy.id)")
            try Self.check(other, "copy")
            #expect(other.text.contains("/dashboard/emails/\(email.id)\">Cc of the email to to@c.example"))
        }
    }

    @Test func aCustomerSeesItsOwnAccountOnly() async throws {
        try await withDashboard { dashboard async throws in
            try await Self.fill(dashboard)
            let browser = try await dashboard.browser(try await dashboard.key().token)
            for path in ["/accounts", "/accounts/1", "/reviews", "/billing", "/billing.csv", "/domains/globex.example"] {
                #expect(try await browser.get("/dashboard" + path).status == 404, "\(path)")
            }
            let list = try await browser.get("/dashboard/domains?account=globex").text
            #expect(list.contains("acme.example") && !list.contains("globex"))
            let overview = try await browser.get("/dashboard").text
            #expect(overview.contains("The account is blocked") && !overview.contains("globex"))
            for path in ["/dashboard/domains/acme.example/resume", "/dashboard/accounts/1/review"] {
                #expect(try await browser.post(path, ["decision": "lift"]).status == 404, "\(path)")
            }
            #expect(try await browser.post("/dashboard/domains/globex.example/limits", ["daily": "1", "monthly": "1"]).status == 404)
        }
    }

    @Test func aKeyThatOnlyReadsChangesNothing() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.store.makeDomain("acme.example")
            let browser = try await dashboard.browser(try await dashboard.key(scopes: [.read]).token)
            #expect(!(try await browser.get("/dashboard/domains").text.contains("Create a domain")))
            #expect(!(try await browser.get("/dashboard/domains/acme.example").text.contains("Delete domain")))
            #expect(try await browser.post("/dashboard/domains", ["name": "a.example"]).status == 403)
        }
    }

    @Test func lifeOfADomain() async throws {
        try await withDashboard { dashboard async throws in
            let browser = try await dashboard.browser(DashboardHarness.master)
            let created = try await browser.post("/dashboard/domains", ["name": " Acme.Example ", "partner_ref": "acme"])
            #expect(created.location == "/dashboard/domains/acme.example")
            #expect(try await browser.get("/dashboard/domains/acme.example").text.contains("acme.example was created"))
            _ = try await browser.post("/dashboard/domains/acme.example/limits", ["daily": "1,000", "monthly": "0"])
            _ = try await browser.post("/dashboard/domains/acme.example/name", ["from_name": "Acme, \"Inc.\""])
            #expect(try await browser.get("/dashboard/domains/acme.example").text.contains("value=\"Acme, &quot;Inc.&quot;\""))
            let suspended = try await browser.post("/dashboard/domains/acme.example/suspend", ["reason": "too <many> spam traps"])
            #expect(suspended.status == 303)
            let page = try await browser.get("/dashboard/domains/acme.example").text
            #expect(page.contains("suspended by the operator: too &lt;many&gt; spam traps") && page.contains("0 of 1,000"))
            _ = try await browser.post("/dashboard/domains/acme.example/resume")
            #expect(try await dashboard.store.read { try $0.domains.find(named: DomainName("acme.example")) }?.outbound.status == .active)
            let settings = try await browser.post(
                "/dashboard/domains/acme.example/settings", ["tier": "dedicated", "enforcement": "soft", "warmup": "fast", "spike": "2.5"])
            #expect(settings.status == 303)
            let domain = try await dashboard.store.read { try $0.domains.find(named: DomainName("acme.example")) }
            #expect(domain?.outbound.tier == .dedicated && domain?.outbound.warmupProfile == .fast)
            _ = try await browser.post("/dashboard/domains/acme.example/delete")
            #expect(try await browser.get("/dashboard/domains/acme.example").status == 404)
        }
    }

    @Test func aClaimWaitsInTheReviewQueueUntilItIsApproved() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.store.makeDomain("acme.example", account: "acme")
            try await dashboard.store.write { tx in
                let account = try tx.accounts.findOrInsert(reference: "globex")
                var ownership = DomainOwnership(.review)
                (ownership.token, ownership.needsRecord) = ("abc", true)
                _ = try tx.domains.insert(
                    DomainName("acme.example"), accountID: account.id, outbound: OutboundConfiguration(), ownership: ownership)
            }
            let browser = try await dashboard.browser(DashboardHarness.master)
            let queue = try await browser.get("/dashboard/reviews").text
            #expect(queue.contains("/dashboard/domains/acme.example/approve") && queue.contains("globex"))
            #expect(try await browser.get("/dashboard/domains/acme.example?account=globex").text.contains("In review"))
            #expect(!(try await browser.get("/dashboard/domains/acme.example").text.contains("In review")))
            let customer = try await dashboard.browser(try await dashboard.key(of: "globex").token)
            #expect(try await customer.post("/dashboard/domains/acme.example/approve").status == 404)
            #expect(try await customer.get("/dashboard/domains/acme.example/dns").text.contains("In review"))
            _ = try await browser.post("/dashboard/domains/acme.example/approve", ["partner_ref": "globex"])
            #expect(try await !browser.get("/dashboard/reviews").text.contains("/dashboard/domains/acme.example"))
            let claims = try await dashboard.store.read { try $0.domains.listClaims(on: DomainName("acme.example")) }
            #expect(claims.map(\.ownership.state) == [.proven])
        }
    }

    @Test func namesAndRefusedSendsAreShown() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.store.makeDomain("acme.example", account: "acme")
            let browser = try await dashboard.browser(DashboardHarness.master)
            #expect(try await browser.get("/dashboard/refusals").text.contains("No refused sends"))
            let submission = Submission(store: dashboard.store, gate: Gate())
            let wrong = EmailRequest(to: "Zoë <b> <r@c.example>", from: "News & Co <n@acme.example>", text: "t", subject: "s")
            await #expect(throws: Refusal.self) { try await submission.accept(wrong, by: .master) }
            try await submission.refusals.flush()
            var request = wrong
            request.to = "\"Zoë <b>\" <r@c.example>"
            let email = try await submission.accept(request, by: .master).email
            let list = try await browser.get("/dashboard/emails").text
            #expect(list.contains(#"<bdi class="soft">Zoë &lt;b&gt;</bdi>"#) && list.contains(#"<bdi class="soft">News &amp; Co</bdi>"#))
            #expect(try await browser.get("/dashboard/emails/\(email.id)").text.contains("News &amp; Co &lt;n@acme.example&gt;"))
            let refused = try await browser.get("/dashboard/refusals").text
            #expect(refused.contains("422 invalid_value") && refused.contains("<bdi>n@acme.example</bdi>"))
        }
    }

    /// A refusal is shown on the page of the form.
    @Test(arguments: [("/limits", "daily=-1"), ("/limits", "daily=x"), ("/settings", "tier=none"), ("/settings", "spike=x")])
    func refusedFormsChangeNothing(path: String, field: String) async throws {
        try await withDashboard { dashboard async throws in
            let before = try await dashboard.store.makeDomain("acme.example")
            let browser = try await dashboard.browser(DashboardHarness.master)
            let parts = field.split(separator: "=").map { String($0) }
            let page = "/dashboard/domains/acme.example"
            let answer = try await browser.post(page + path, [parts[0]: parts[1]], headers: [.referer: "http://localhost\(page)"])
            #expect(answer.location == page)
            #expect(try await browser.get(page).text.contains(#"class="flash bad""#))
            #expect(try await browser.post(page + path, [parts[0]: parts[1]]).status == 422)
            #expect(try await dashboard.store.read { try $0.domains.find(named: DomainName("acme.example")) } == before)
        }
    }

    @Test func aKeysTokenIsShownOnce() async throws {
        try await withDashboard { dashboard async throws in
            let browser = try await dashboard.browser(DashboardHarness.master)
            let page = try await browser.post(
                "/dashboard/keys", ["partner_ref": "acme", "name": "Ann", "scope_read": "1", "expires": "2026-07-01"])
            let token = try #require(page.text.firstMatch(of: /mk_[0-9A-Za-z]{49}/)).output
            try Self.check(page, "created")
            #expect(page.headers[.cacheControl] == "no-store")
            let list = try await browser.get("/dashboard/keys").text
            let key = try #require(list.firstMatch(of: /\/dashboard\/keys\/[0-9]+/)).output
            #expect(list.contains("Ann") && !list.contains(token) && list.contains("until 2026-07-01"))
            let customer = try await dashboard.browser(String(token))
            #expect(try await customer.get("/dashboard").status == 200)
            _ = try await browser.post("\(key)/switch", ["active": "false"])
            #expect(try await customer.get("/dashboard").status == 303)
            _ = try await browser.post("\(key)/revoke")
            #expect(try await browser.get("/dashboard/keys").text.contains("No keys yet"))
            #expect(try await browser.post("/dashboard/keys", ["partner_ref": "acme"]).status == 422)
        }
    }

    @Test func aReviewIsStored() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.store.makeDomain("acme.example")
            let browser = try await dashboard.browser(DashboardHarness.master)
            #expect(try await browser.get("/dashboard/reviews").text.contains("Nobody waits"))
            _ = try await browser.post("/dashboard/accounts/1/review", ["decision": "block", "note": "bought lists"])
            let page = try await browser.get("/dashboard/accounts/1").text
            #expect(page.contains("blocked by the operator: bought lists"))
            #expect(try await browser.get("/dashboard/reviews").text.contains("bought lists"))
            _ = try await browser.post("/dashboard/accounts/1/review", ["decision": "lift"])
            #expect(try await browser.get("/dashboard/reviews").text.contains("Nobody waits"))
            #expect(try await browser.post("/dashboard/accounts/1/review", ["decision": "other"]).status == 422)
            #expect(try await browser.post("/dashboard/accounts/9/review", ["decision": "lift"]).status == 404)
        }
    }

    @Test func pagesOfALongList() async throws {
        try await withDashboard { dashboard async throws in
            try await dashboard.store.write { tx in
                let account = try tx.accounts.findOrInsert(reference: "acme")
                for number in 1...120 {
                    let name = DomainName(validated: "d\(number).example")
                    _ = try tx.domains.insert(name, accountID: account.id, outbound: OutboundConfiguration())
                }
            }
            let browser = try await dashboard.browser(DashboardHarness.master)
            var path: String? = "/dashboard/domains?account=acme&q=.example"
            var names: [String] = []
            while let current = path {
                let page = try await browser.get(current).text
                names += page.matches(of: /scope="row"[^>]*><a href="[^"]*">([^<]*)</).map { String($0.1) }
                path = page.firstMatch(of: /href="([^"]*)" rel="next"/).map { String($0.1).replacing("&amp;", with: "&") }
            }
            #expect(names == (1...120).reversed().map { "d\($0).example" })
        }
    }

    @Test func aScheduledEmailIsCancelled() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.store.makeDomain("acme.example")
            var request = EmailRequest(to: "eva@example.org", from: "news@acme.example", text: "x", subject: "S")
            request.sendAt = "2026-06-16T12:00:00Z"
            let email = try await Submission(store: dashboard.store, gate: Gate()).accept(request, by: .master).email
            let path = "/dashboard/emails/\(email.id)"
            let reader = try await dashboard.browser(try await dashboard.key(scopes: [.read]).token)
            let seen = try await reader.get(path)
            try Self.check(seen, path)
            #expect(seen.text.contains("2026-06-16 12:00 UTC") && !seen.text.contains("/cancel"))
            #expect(try await reader.post(path + "/cancel").status == 403)
            #expect(try await dashboard.browser(try await dashboard.key(of: "other").token).post(path + "/cancel").status == 404)
            let browser = try await dashboard.browser(DashboardHarness.master)
            #expect(try await browser.get("/dashboard/emails?status=SCHEDULED").text.contains("eva@example.org"))
            #expect(try await browser.get(path).text.contains("\(path)/cancel"))
            browser.forgetFormToken()
            #expect(try await browser.post(path + "/cancel").status == 403)
            _ = try await browser.get(path)
            #expect(try await browser.post(path + "/cancel").location == path)
            let page = try await browser.get(path)
            try Self.check(page, path)
            #expect(page.text.contains("The email is cancelled") && !page.text.contains("\(path)/cancel"))
            #expect(try await browser.get("/dashboard/emails?status=CANCELLED").text.contains("eva@example.org"))
        }
    }

    @Test func theBillAsCSV() async throws {
        try await withDashboard { dashboard async throws in
            try await Self.fill(dashboard)
            let browser = try await dashboard.browser(DashboardHarness.master)
            let table = try await browser.get("/dashboard/billing.csv?period=2026-06")
            #expect(table.headers[.contentType] == "text/csv; charset=utf-8")
            #expect(table.headers[.contentDisposition] == "attachment; filename=\"billing-2026-06.csv\"")
            #expect(table.text.contains("2026-06,acme.example,acme,100,1000,5,0,5.0,0.0"))
            #expect(try await browser.get("/dashboard/billing?period=June").status == 422)
        }
    }

    @Test func errorsArePages() async throws {
        try await withDashboard { dashboard async throws in
            let browser = try await dashboard.browser(DashboardHarness.master)
            for (path, status) in [
                ("/dashboard/nowhere", 404), ("/dashboard/domains/none.example", 404), ("/dashboard/domains?account=none", 404),
            ] {
                let page = try await browser.get(path)
                #expect(page.status == status && page.text.contains("<h1>Not found</h1>"), "\(path)")
                #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            }
            #expect(try await browser.post("/dashboard").status == 405)
        }
    }

    @Test func aTestEmailPassesTheGateAndCounts() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.store.makeDomain("acme.example") { $0.outbound.dailyLimit = 1 }
            let browser = try await dashboard.browser(try await dashboard.key().token)
            _ = try await browser.get("/dashboard/domains/acme.example")
            let sent = try await browser.post("/dashboard/domains/acme.example/test", ["to": "ann@customer.example"])
            #expect(sent.status == 303 && sent.location?.hasPrefix("/dashboard/emails/") == true)
            let refused = try await browser.post("/dashboard/domains/acme.example/test", ["to": "ann@customer.example"])
            #expect(refused.status == 429 && refused.text.contains("limit of the day reached"))
            let wrong = try await browser.post("/dashboard/domains/acme.example/test", ["to": "nobody"])
            #expect(wrong.status == 422)
            let reader = try await dashboard.browser(try await dashboard.key(scopes: [.read]).token)
            #expect(try await !reader.get("/dashboard/domains/acme.example").text.contains("Send a test email"))
            #expect(try await reader.post("/dashboard/domains/acme.example/test", ["to": "ann@customer.example"]).status == 403)
        }
    }
}
