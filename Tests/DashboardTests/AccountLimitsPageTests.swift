import MailModel
import Storage
import TestSupport
import Testing

/// The limits of an account, and the ceilings of a domain, on their pages.
@Suite(.timeLimit(.minutes(1)))
struct AccountLimitsPageTests {
    @Test func `The operator sees and changes an account's limits`() async throws {
        try await withDashboard { dashboard async throws in
            let domain = try await dashboard.store.makeDomain("acme.example")
            let path = "/dashboard/accounts/\(domain.accountID)"
            let browser = try await dashboard.browser(DashboardHarness.master)
            #expect(try await browser.get(path).text.contains("0, no limit"))
            let form: KeyValuePairs = ["daily": "1,000", "monthly": "0", "domains": "2", "enforcement": "soft"]
            _ = try await browser.post("\(path)/limits", form)
            let limits = try await dashboard.store.read { try $0.quotas.find(domain.accountID) }.limits
            #expect((limits.dailyLimit, limits.monthlyLimit, limits.domainsLimit, limits.enforcement) == (1000, 0, 2, .soft))
            let page = try await browser.get(path).text
            #expect(page.contains("0 of 1,000") && page.contains("1 of 2"))
            let refused = try await browser.post("\(path)/limits", ["daily": "-1"])
            #expect(refused.status == 422)
            let unknown = try await browser.post("/dashboard/accounts/999/limits", form)
            #expect(unknown.status == 404)
        }
    }

    @Test func `A customer is told the ceilings and kept to them, and does not reach the account's limits`() async throws {
        try await withDashboard { dashboard async throws in
            let domain = try await dashboard.store.makeDomain("acme.example") {
                ($0.outbound.dailyLimit, $0.outbound.dailyCeiling) = (100, 500)
            }
            let browser = try await dashboard.browser(try await dashboard.key().token)
            let page = try await browser.get("/dashboard/domains/acme.example").text
            #expect(page.contains("The operator allows up to 500 a day."))
            let refused = try await browser.post("/dashboard/domains/acme.example/limits", ["daily": "501", "monthly": "0"])
            #expect(refused.status == 422)
            _ = try await browser.post("/dashboard/domains/acme.example/limits", ["daily": "500", "monthly": "0"])
            let outbound = try await dashboard.store.read { try $0.domains.find(named: domain.name) }?.outbound
            #expect(outbound?.dailyLimit == 500 && outbound?.dailyCeiling == 500)
            let answer = try await browser.post("/dashboard/accounts/\(domain.accountID)/limits", ["daily": "9"])
            #expect(answer.status == 404)
        }
    }
}
