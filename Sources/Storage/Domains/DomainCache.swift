import MailModel

/// The domains that a transaction has read and locked, with the changes that are not written yet.
struct DomainCache {
    private struct Entry {
        var domain: SendingDomain
        var isChanged = false
    }

    private var entries: [Int64: Entry] = [:]
    /// The ids of the live domains.
    private var ids: [DomainName: Int64] = [:]
    /// Names that no live domain has, as this transaction found or left them.
    private var absent: Set<DomainName> = []

    /// Returns a domain, also a deleted one; `nil` when it was not read yet.
    func domain(_ id: Int64) -> SendingDomain? {
        entries[id]?.domain
    }

    /// Returns the live domain of a name; `nil` when it was not read yet.
    func domain(named name: DomainName) -> SendingDomain? {
        ids[name].flatMap { entries[$0]?.domain }
    }

    /// Whether it is known that no live domain has the name: it is not looked for again.
    func isAbsent(_ name: DomainName) -> Bool {
        absent.contains(name)
    }

    /// Stores which of the names that were looked for no live domain has.
    mutating func store(lookedFor names: Set<DomainName>) {
        absent.formUnion(names.filter { ids[$0] == nil })
    }

    /// Forgets that no live domain has the name: another node has inserted one meanwhile.
    mutating func forgetAbsence(of name: DomainName) {
        absent.remove(name)
    }

    /// Whether a domain of the name was deleted and its row is still that of a live one.
    func hasUnwrittenDeletion(of name: DomainName) -> Bool {
        entries.values.contains { $0.isChanged && $0.domain.deletedAt != nil && $0.domain.name == name }
    }

    /// Adds a domain as it is in its row. One that is in the cache already stays as it is: it may have changes that are not written yet.
    mutating func add(_ domain: SendingDomain) {
        guard entries[domain.id] == nil else { return }
        entries[domain.id] = Entry(domain: domain)
        if domain.deletedAt == nil { setLive(domain) }
    }

    /// Adds or replaces a domain that is to be written.
    mutating func change(_ domain: SendingDomain) {
        entries[domain.id] = Entry(domain: domain, isChanged: true)
        if domain.deletedAt == nil {
            setLive(domain)
        } else if ids[domain.name] == domain.id {
            // Deleted by this transaction, which holds its row: until the transaction ends, no other one can insert the name.
            ids[domain.name] = nil
            absent.insert(domain.name)
        }
    }

    private mutating func setLive(_ domain: SendingDomain) {
        ids[domain.name] = domain.id
        absent.remove(domain.name)
    }

    /// Returns the changed domains, which count as unchanged from then on. The order of their ids keeps two nodes from deadlocking.
    mutating func drainChanged() -> [SendingDomain] {
        let changed = entries.values.filter(\.isChanged).map(\.domain).sorted { $0.id < $1.id }
        for domain in changed {
            entries[domain.id]?.isChanged = false
            entries[domain.id]?.domain.admitted = 0
        }
        return changed
    }

    /// The emails of an account's domains that the gate has admitted and that are not counted for the account yet.
    func admitted(ofAccount accountID: Int64) -> ReputationCounts {
        let domains = entries.values.filter { $0.isChanged && $0.domain.accountID == accountID }
        return ReputationCounts(sent: domains.reduce(0) { $0 + $1.domain.admitted })
    }

    /// Sets the status of an account in its domains, where the gate reads it.
    mutating func set(_ status: Account.Status, ofAccount accountID: Int64) {
        for (id, entry) in entries where entry.domain.accountID == accountID {
            entries[id]?.domain.accountStatus = status
        }
    }
}
