import Access
import Hummingbird
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SessionTests {
    @Test func withoutASessionTheLoginPageFollows() async throws {
        try await withDashboard { dashboard async throws in
            let browser = dashboard.browser()
            #expect(try await browser.get("/").location == "/dashboard")
            #expect(try await browser.get("/dashboard").location == "/dashboard/login")
            #expect(
                try await browser.get("/dashboard/domains?q=a b").location == "/dashboard/login?next=%2Fdashboard%2Fdomains%3Fq%3Da%20b")
            #expect(try await browser.post("/dashboard/domains", ["name": "a.example"]).location == "/dashboard/login")
            let page = try await browser.get("/dashboard/login?next=/dashboard/domains")
            #expect(page.status == 200)
            #expect(
                page.text.contains(#"name="next" value="&#x2F;dashboard&#x2F;domains""#)
                    || page.text.contains(#"value="/dashboard/domains""#))
        }
    }

    @Test func theCookieIsForThisSiteOnly() async throws {
        try await withDashboard { dashboard async throws in
            let page = try await dashboard.browser().logIn(DashboardHarness.master)
            #expect(page.status == 303 && page.location == "/dashboard")
            let cookie = try #require(page.headers[values: .setCookie].first)
            #expect(cookie.wholeMatch(of: /martlet=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict/) != nil)
        }
        try await withDashboard(isSecure: true) { dashboard async throws in
            let page = try await dashboard.browser().logIn(DashboardHarness.master)
            let cookie = try #require(page.headers[values: .setCookie].first)
            #expect(cookie.wholeMatch(of: /__Host-martlet=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict; Secure/) != nil)
        }
    }

    @Test func pagesForbidCachesFramesAndForeignScripts() async throws {
        try await withDashboard { dashboard async throws in
            for page in [
                try await dashboard.browser(DashboardHarness.master).get("/dashboard"),
                try await dashboard.browser().get("/dashboard/login"),
            ] {
                #expect(page.headers[.cacheControl] == "no-store")
                let policy = try #require(page.headers[.contentSecurityPolicy])
                #expect(
                    policy.contains("default-src 'none'") && policy.contains("script-src 'self'")
                        && policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(!page.text.contains("<script>") && !page.text.contains(" style=") && !page.text.contains(" onclick="))
            }
        }
    }

    @Test(arguments: ["https://evil.example", "//evil.example", "/dashboardx", "/\\evil.example", "/dashboard/\r\nX: y", "", "/domains"])
    func theLoginLeadsToNoOtherSite(next: String) async throws {
        try await withDashboard { dashboard async throws in
            #expect(try await dashboard.browser().logIn(DashboardHarness.master, next: next).location == "/dashboard")
        }
    }

    @Test func theLoginLeadsToTheRequestedPage() async throws {
        try await withDashboard { dashboard async throws in
            let page = try await dashboard.browser().logIn(" \(DashboardHarness.master)\n", next: "/dashboard/domains?q=a")
            #expect(page.location == "/dashboard/domains?q=a")
        }
    }

    @Test func failuresAreCountedWithThoseOfTheAPI() async throws {
        try await withDashboard { dashboard async throws in
            let browser = dashboard.browser()
            for _ in 1...10 {
                let page = try await browser.logIn("wrong")
                #expect(page.status == 401 && page.text.contains("Nobody has this token"))
            }
            let page = try await browser.logIn("wrong")
            #expect(page.status == 429 && page.headers[.retryAfter] == "60")
            #expect(try await browser.logIn(DashboardHarness.master).status == 429, "the right one too, where it was not used before")
            #expect(!browser.hasSession)
        }
    }

    @Test func aKeyNeedsTheScopeRead() async throws {
        try await withDashboard { dashboard async throws in
            let browser = dashboard.browser()
            #expect(try await browser.logIn(try await dashboard.key(scopes: [.send]).token).status == 403)
            #expect(!browser.hasSession)
        }
    }

    @Test func loggingOutEndsTheSessionItself() async throws {
        try await withDashboard { dashboard async throws in
            let browser = try await dashboard.browser(DashboardHarness.master)
            let thief = dashboard.browser()
            thief.takeOver(browser)
            #expect(try await thief.get("/dashboard").status == 200)
            thief.forgetFormToken()
            #expect(try await thief.post("/dashboard/logout").status == 403)
            #expect(try await browser.post("/dashboard/logout").location == "/dashboard/login")
            #expect(!browser.hasSession)
            #expect(try await thief.get("/dashboard").location == "/dashboard/login")
            #expect(try await browser.get("/dashboard/login").text.contains("You are logged out."))
            #expect(!(try await browser.get("/dashboard/login").text.contains("You are logged out.")))
        }
    }

    @Test func aSessionEndsWithItsKey() async throws {
        try await withDashboard { dashboard async throws in
            let (key, token) = try await dashboard.key()
            let (other, otherToken) = try await dashboard.key()
            let browser = try await dashboard.browser(token)
            let otherBrowser = try await dashboard.browser(otherToken)
            var changes = KeyChanges()
            changes.isActive = false
            _ = try await dashboard.keys.update(key.id, changes, by: .master)
            #expect(try await browser.get("/dashboard").status == 303)
            changes.isActive = true
            _ = try await dashboard.keys.update(key.id, changes, by: .master)
            #expect(try await browser.get("/dashboard").status == 200)
            try await dashboard.keys.delete(key.id, by: .master)
            #expect(try await browser.get("/dashboard").status == 303)
            changes = KeyChanges()
            changes.expiresAt = dashboard.clock.now + .seconds(60)
            _ = try await dashboard.keys.update(other.id, changes, by: .master)
            #expect(try await otherBrowser.get("/dashboard").status == 200)
            dashboard.clock.advance(by: .seconds(60))
            #expect(try await otherBrowser.get("/dashboard").status == 303)
        }
    }

    @Test func theOperatorsSessionEndsWithTheMasterToken() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let stolen = Box<Browser>()
            try await withDashboard(on: store, clock: clock) { dashboard async throws in
                stolen.value = try await dashboard.browser(DashboardHarness.master)
            }
            try await withDashboard(on: store, clock: clock) { dashboard async throws in
                let browser = dashboard.browser()
                browser.takeOver(try #require(stolen.value))
                #expect(try await browser.get("/dashboard").status == 200)
            }
            try await withDashboard(on: store, clock: clock, masterToken: "another") { dashboard async throws in
                let browser = dashboard.browser()
                browser.takeOver(try #require(stolen.value))
                #expect(try await browser.get("/dashboard").location == "/dashboard/login")
            }
        }
    }

    @Test func anIdleSessionEnds() async throws {
        try await withDashboard { dashboard async throws in
            let browser = try await dashboard.browser(DashboardHarness.master)
            dashboard.clock.advance(by: Session.idle - .seconds(1))
            #expect(try await browser.get("/dashboard").status == 200)
            dashboard.clock.advance(by: Session.idle - .seconds(1))
            #expect(try await browser.get("/dashboard").status == 200)
            dashboard.clock.advance(by: Session.idle)
            #expect(try await browser.get("/dashboard").status == 303)
        }
    }

    @Test func noSessionLastsForever() async throws {
        try await withDashboard { dashboard async throws in
            let browser = try await dashboard.browser(DashboardHarness.master)
            for _ in 1..<12 {
                dashboard.clock.advance(by: .seconds(3600))
                #expect(try await browser.get("/dashboard").status == 200)
            }
            dashboard.clock.advance(by: .seconds(3600))
            #expect(try await browser.get("/dashboard").status == 303)
        }
    }

    @Test func aChangeNeedsTheSessionsOwnForm() async throws {
        try await withDashboard { dashboard async throws in
            let browser = try await dashboard.browser(DashboardHarness.master)
            let other = try await dashboard.browser(DashboardHarness.master)
            for origin in ["cross-site", "same-site"] {
                let headers: HTTPFields = [HTTPFields.Element.Name("Sec-Fetch-Site") ?? .origin: origin]
                #expect(try await browser.post("/dashboard/domains", ["name": "a.example"], headers: headers).status == 403)
            }
            #expect(
                try await browser.post("/dashboard/domains", ["name": "a.example"], headers: [.origin: "https://evil.example"]).status
                    == 403)
            other.takeOver(browser)
            #expect(try await other.post("/dashboard/domains", ["name": "a.example"]).status == 403)
            other.forgetFormToken()
            #expect(try await other.post("/dashboard/domains", ["name": "a.example"]).status == 403)
            #expect(try await dashboard.store.read { try $0.domains.totals(of: nil) }.domains == 0)
            #expect(try await browser.post("/dashboard/domains", ["name": "a.example"]).status == 303)
            #expect(try await dashboard.store.read { try $0.domains.totals(of: nil) }.domains == 1)
        }
    }
}
