import Access
import MailModel
import TestSupport
import Testing

/// The keys page of customers.
@Suite(.timeLimit(.minutes(1)))
struct KeyPageTests {
    /// The paths of the forms of a page, of one kind.
    private static func paths(_ kind: String, in page: String) -> [String] {
        page.matches(of: /action="(\/dashboard\/keys\/[0-9]+\/[a-z]+)"/).map { String($0.1) }.filter { $0.hasSuffix(kind) }
    }

    @Test func aCustomerManagesItsOwnKeys() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.key(of: "globex")
            let (own, token) = try await dashboard.key()
            let browser = try await dashboard.browser(token)
            #expect(try await browser.get("/dashboard").text.contains(#"href="/dashboard/keys""#))
            let created = try await browser.post(
                "/dashboard/keys",
                [
                    "name": "Shop", "scope_send": "1", "domains": "a.example, b.example", "allowed_ips": "192.0.2.7 2001:db8::/32",
                    "rate_limit": "50", "partner_ref": "globex",
                ])
            #expect(created.status == 200 && created.text.contains("mk_") && !created.text.contains("⟦"))
            let key = try #require(try await dashboard.keys.list(by: .master).first)
            #expect(key.account == own.account && key.scopes == [.send] && key.bounds.rateLimit == 50 && key.bounds.networks.count == 2)
            let list = try await browser.get("/dashboard/keys")
            #expect(list.text.contains("sends from a.example, b.example") && list.text.contains("50 a second"))
            #expect(!list.text.contains("globex") && !list.text.contains("⟦"))
            #expect(Self.paths("/revoke", in: list.text).count == 2)
            let rotated = try await browser.post("/dashboard/keys/\(key.id)/rotate", ["hours": "1"])
            #expect(rotated.status == 200 && rotated.text.contains("The old token is accepted until 2026-06-15 13:00"))
            #expect(try await browser.get("/dashboard/keys").text.contains("old token until"))
            #expect(try await browser.post("/dashboard/keys/\(key.id)/rotate", ["hours": "169"]).status == 422)
            #expect(try await browser.post("/dashboard/keys/\(key.id)/switch", ["active": "false"]).status == 303)
            #expect(try await browser.post("/dashboard/keys/\(key.id)/revoke").status == 303)
            #expect(try await dashboard.keys.list(by: .master).allSatisfy { $0.id != key.id })
        }
    }

    @Test func theKeysOfAnotherAccountDoNotExist() async throws {
        try await withDashboard { dashboard async throws in
            let foreign = try await dashboard.key(of: "globex").key
            let browser = try await dashboard.browser(try await dashboard.key().token)
            for form in ["switch", "rotate", "revoke"] {
                #expect(try await browser.post("/dashboard/keys/\(foreign.id)/\(form)").status == 404)
            }
            #expect(try await dashboard.keys.list(by: .master).contains(foreign))
        }
    }

    /// What is left empty is as with the customer's own key, and a key with more rights has no buttons.
    @Test func aBoundKeyGivesNoMoreThanItHas() async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.key()
            let new = NewKey(
                accountReference: "acme", scopes: [.read, .manage], domains: [DomainName(validated: "a.example")], rateLimit: 1000)
            let browser = try await dashboard.browser(try await dashboard.keys.create(new, by: .master).token)
            let page = try await browser.get("/dashboard/keys").text
            #expect(page.contains("sends from a.example; 1000 a second;") && !page.contains("scope_send"))
            #expect(Self.paths("/revoke", in: page).count == 1)
            #expect(try await browser.post("/dashboard/keys", ["scope_read": "1"]).status == 200)
            let made = try #require(try await dashboard.keys.list(by: .master).first)
            #expect(made.bounds.domains.map(\.description) == ["a.example"] && made.bounds.rateLimit == 1000 && made.scopes == [.read])
            for more in [["scope_send": "1"], ["scope_read": "1", "domains": "b.example"], ["scope_read": "1", "rate_limit": "2000"]]
                as [KeyValuePairs]
            {
                #expect(try await browser.post("/dashboard/keys", more).status == 403)
            }
            for wrong in [
                ["scope_read": "1", "domains": "-"], ["scope_read": "1", "allowed_ips": "x"], ["scope_read": "1", "expires": "x"],
            ]
                as [KeyValuePairs]
            {
                #expect(try await browser.post("/dashboard/keys", wrong).status == 422)
            }
        }
    }

    @Test func theKeysNeedTheScopeManage() async throws {
        try await withDashboard { dashboard async throws in
            let browser = try await dashboard.browser(try await dashboard.key(scopes: [.read]).token)
            #expect(try await browser.get("/dashboard/keys").status == 403)
            #expect(try await browser.post("/dashboard/keys", ["scope_read": "1"]).status == 403)
            #expect(!(try await browser.get("/dashboard").text.contains(#"href="/dashboard/keys""#)))
        }
    }

    @Test func aKeyForOtherAddressesOpensNothing() async throws {
        try await withDashboard { dashboard async throws in
            let networks = try ["192.0.2.0/24"].map { try #require(IPNetwork($0)) }
            let token = try await dashboard.keys.create(NewKey(accountReference: "acme", networks: networks), by: .master).token
            let browser = dashboard.browser()
            let page = try await browser.logIn(token)
            #expect(page.status == 403 && page.text.contains("may not be used from your address") && !browser.hasSession)
            // A session ends with the bound too.
            let (key, other) = try await dashboard.key()
            let opened = try await dashboard.browser(other)
            var changes = KeyChanges()
            changes.networks = networks
            _ = try await dashboard.keys.update(key.id, changes, by: .master)
            #expect(try await opened.get("/dashboard").status == 403)
        }
    }
}
