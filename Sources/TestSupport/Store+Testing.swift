package import MailModel
package import Storage
import Synchronization

/// A clock that stands still until a test moves it.
package final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    /// Begins in the middle of a month and a day: 2026-06-15T12:00:00Z.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_781_524_800_000)) {
        time = Mutex(start)
    }

    package var now: Timestamp { time.withLock { $0 } }

    package func advance(by duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }

    package func set(_ newTime: Timestamp) {
        time.withLock { $0 = newTime }
    }
}

/// Runs a test on a store of its own, on a real database that is gone afterwards.
package func withStore<Value>(
    clock: TestClock = TestClock(), capacity: Int = 8192, _ body: (Store) async throws -> Value
) async throws -> Value {
    try await withDatabase { database in
        let store = Store(database, capacity: capacity, clock: { clock.now })
        try await store.migrate()
        return try await body(store)
    }
}

extension Store {
    /// Resets the month, and collects what the answer reports.
    package func resetMonthly(
        domainsPerStep: Int = Store.domainsPerStep
    ) async throws -> (frozen: [FrozenEntry], count: Int64) {
        var frozen: [FrozenEntry] = []
        let count = try await resetMonthly(domainsPerStep: domainsPerStep) { frozen += $0 }
        return (frozen, count)
    }

    /// Makes an account with one domain, verified unless said otherwise.
    package func makeDomain(
        _ name: String, account reference: String = "acme", isVerified: Bool = true,
        configure: @escaping @Sendable (inout SendingDomain) -> Void = { _ in }
    ) async throws -> SendingDomain {
        try await write { context in
            let account = try context.findOrCreateAccount(reference: reference)
            guard
                var domain = try context.createDomain(DomainName(validated: name), accountID: account.id, outbound: OutboundConfiguration())
            else { throw StorageError.malformed("\(name) exists") }
            if isVerified { domain.verification.update(identity: .success, dkim: .success, at: context.now) }
            configure(&domain)
            context.save(domain)
            return domain
        }
    }
}

extension WriteContext {
    /// Claims emails that are due, with nothing to decide against one.
    package func claimEmails(owner: String, lease: Duration, grace: Duration, limit: Int) throws -> [Email] {
        try claimEmails(EmailClaimRules(owner: owner, lease: lease, grace: grace, limit: limit)).emails.map(\.email)
    }
}

/// A monotonic clock that stands still until a test moves it.
package final class TestUptime: Sendable {
    private let time = Mutex(ContinuousClock.now)

    package init() {}

    package var now: ContinuousClock.Instant { time.withLock { $0 } }

    package func advance(by duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }
}
