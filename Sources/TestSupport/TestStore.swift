package import MailModel
package import Storage

/// Runs a test on an empty store of its own, on a real database that is deleted afterwards.
///
/// - Parameters:
///   - clock: the present time of every transaction.
///   - capacity: how many writes may wait before further ones are refused.
package func withStore<Value>(
    clock: TestClock = TestClock(), capacity: Int = 8192, _ body: (Store) async throws -> Value
) async throws -> Value {
    try await withDatabase { database in
        let store = Store(database, capacity: capacity, clock: { clock.now })
        try await store.migrate()
        return try await body(store)
    }
}

/// A claim of due emails, as the delivery makes it, with no decision to postpone one.
///
///     let emails = try await store.write { try TestClaim(owner: "n", limit: 5).run(in: $0) }
package struct TestClaim: Sendable {
    private let rules: EmailClaimRules

    /// Creates a claim.
    ///
    /// - Parameters:
    ///   - owner: the node that claims.
    ///   - lease: how long the claim holds.
    ///   - grace: how long events have to settle an attempt whose lease ran out.
    ///   - limit: how many emails are claimed at the most.
    package init(owner: String = "node", lease: Duration = .seconds(60), grace: Duration = .zero, limit: Int = 10) {
        rules = EmailClaimRules(owner: owner, lease: lease, grace: grace, limit: limit)
    }

    /// Returns the claimed emails, in the order in which they fell due.
    package func run(in tx: Transaction) throws -> [Email] {
        try tx.queue.claim(rules).emails.map(\.email)
    }
}

extension Store {
    /// Inserts a domain, and its account where there is none.
    ///
    /// - Parameters:
    ///   - reference: the account's reference.
    ///   - isVerified: whether SES has verified the domain.
    ///   - configure: changes the domain before it is written.
    package func makeDomain(
        _ name: String, account reference: String = "acme", isVerified: Bool = true,
        configure: @escaping @Sendable (inout SendingDomain) -> Void = { _ in }
    ) async throws -> SendingDomain {
        try await write { tx in
            let account = try tx.accounts.findOrInsert(reference: reference)
            guard
                var domain = try tx.domains.insert(DomainName(validated: name), accountID: account.id, outbound: OutboundConfiguration())
            else { throw StorageError.malformed("\(name) exists") }
            if isVerified { domain.verification.update(identity: .success, dkim: .success, at: tx.now) }
            configure(&domain)
            tx.domains.update(domain)
            return domain
        }
    }

    /// Resets the month of all domains.
    ///
    /// - Returns: the entries that were reported, and the number of live domains.
    package func resetMonthly(
        domainsPerStep: Int = Store.domainsPerStep
    ) async throws -> (frozen: [FrozenEntry], count: Int64) {
        var frozen: [FrozenEntry] = []
        let count = try await resetMonthly(domainsPerStep: domainsPerStep) { frozen += $0 }
        return (frozen, count)
    }
}

extension AccountLimits {
    /// Limits of an account; 0 is none.
    package init(daily: Int64 = 0, monthly: Int64 = 0, _ enforcement: OutboundConfiguration.Enforcement = .hard) {
        self.init()
        (dailyLimit, monthlyLimit, self.enforcement) = (daily, monthly, enforcement)
    }
}
