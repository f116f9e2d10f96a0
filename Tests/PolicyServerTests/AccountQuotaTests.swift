import MailModel
import PolicyServer
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AccountQuotaTests {
    private func set(_ limits: AccountLimits, in store: Store) async throws {
        try await store.write { tx in
            let account = try tx.accounts.findOrInsert(reference: "acme")
            _ = try tx.accounts.findForUpdate(account.id)
            try tx.quotas.update(account.id, limits: limits)
        }
    }

    @Test func `The account's daily limit defers, its monthly limit rejects, and a soft one adds a header`() async throws {
        try await withPolicy { policy async throws in
            try await set(AccountLimits(daily: 3), in: policy.store)
            #expect(await policy.action("1", recipients: 2) == .dunno)
            let deferred = await policy.action("2", recipients: 2)
            #expect(
                deferred.description == """
                    DEFER_IF_PERMIT 4.7.1 The account of shop.example has sent 2 of its daily limit of 3 emails, \
                    2 more would exceed it; opens again 2026-06-16 00:00 UTC
                    """)
            try await set(AccountLimits(monthly: 3), in: policy.store)
            let rejected = await policy.action("3", recipients: 2)
            #expect(
                rejected.description == """
                    REJECT 5.7.1 The account of shop.example has sent 2 of its monthly limit of 3 emails, \
                    2 more would exceed it; opens again 2026-07-01 00:00 UTC
                    """)
            try await set(AccountLimits(monthly: 3, .soft), in: policy.store)
            let soft = await policy.action("4", recipients: 2)
            #expect(soft.description == "PREPEND X-Martlet-Quota: account_monthly_limit_exceeded_soft")
            #expect(try await policy.sent == 4)
            // The first answer again, which was counted the first time.
            #expect(await policy.action("1", recipients: 2) == .dunno)
            #expect(await policy.action("4", recipients: 2) == soft)
            #expect(try await policy.sent == 4)
        }
    }

    @Test func `Concurrent requests are allowed up to the account's limit`() async throws {
        try await withPolicy { policy async throws in
            try await set(AccountLimits(daily: 100), in: policy.store)
            let answers = await withTaskGroup(of: PolicyAction.self) { group in
                for number in 0..<250 { group.addTask { await policy.action("\(number)") } }
                return await group.reduce(into: [PolicyAction]()) { $0.append($1) }
            }
            #expect(answers.count { $0 == .dunno } == 100)
            #expect(try await policy.sent == 100)
        }
    }
}
