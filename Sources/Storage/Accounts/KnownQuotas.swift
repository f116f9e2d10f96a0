import Concurrency
import MailModel
import Synchronization

/// The quotas of accounts that a transaction has read, each with its account locked, and what it counts against them.
struct AccountQuotaCache {
    private var quotas: [Int64: AccountQuota] = [:]
    /// The accounts whose limits the gate was asked about in this transaction.
    private var consulted: Set<Int64> = []
    /// What the process knows once this is committed.
    var found = KnownQuotas.Findings()

    func quota(of accountID: Int64) -> AccountQuota? {
        quotas[accountID]
    }

    func isConsulted(_ accountID: Int64) -> Bool {
        consulted.contains(accountID)
    }

    mutating func store(_ quota: AccountQuota) {
        quotas[quota.accountID] = quota
        consulted.insert(quota.accountID)
    }

    /// Sets the limits of an account by which the rest of the transaction is judged.
    mutating func set(_ limits: AccountLimits, of accountID: Int64) {
        quotas[accountID]?.limits = limits
        consulted.insert(accountID)
    }

    /// Forgets the counts of an account, which are read again.
    mutating func forget(_ accountID: Int64) {
        quotas[accountID] = nil
    }
}

/// The domains and accounts of which this process knows that mail of them counts against an account's limits: the next batch locks those
/// accounts together, before the domains, as all nodes do (docs/adr/0007).
///
/// It is only about the order of locks. What is not known here is locked when it is read.
final class KnownQuotas: Sendable {
    /// What a transaction has found.
    struct Findings: Sendable {
        var domains: Set<DomainName> = []
        var accounts: Set<Int64> = []
        /// Domains whose account has no limits any more.
        var unlimited: Set<DomainName> = []
    }

    private struct State {
        var domains = BoundedCache<DomainName, Void>(capacity: 20_000)
        var accounts = BoundedCache<Int64, Void>(capacity: 20_000)
    }

    private let state = Mutex(State())

    /// Returns the domains of a batch, or the nearest ones above them, whose accounts have limits.
    func domains(of intents: [WriteIntent]) -> Set<DomainName> {
        state.withLock { state in
            guard state.domains.count > 0 else { return [] }
            return Set(
                intents.compactMap { intent in
                    intent.domain.flatMap { sequence(first: $0, next: \.parent).first { state.domains[$0] != nil } }
                })
        }
    }

    /// Returns the accounts that a batch sends for and that have limits.
    func accounts(of intents: [WriteIntent]) -> Set<Int64> {
        state.withLock { state in
            guard state.accounts.count > 0 else { return [] }
            return Set(intents.compactMap(\.sendingAccount).filter { state.accounts[$0] != nil })
        }
    }

    func remember(_ findings: Findings) {
        guard !findings.domains.isEmpty || !findings.accounts.isEmpty || !findings.unlimited.isEmpty else { return }
        state.withLock { state in
            for domain in findings.unlimited { state.domains.remove(domain) }
            for domain in findings.domains where state.domains[domain] == nil { state.domains.insert((), for: domain) }
            for account in findings.accounts where state.accounts[account] == nil { state.accounts.insert((), for: account) }
        }
    }
}
