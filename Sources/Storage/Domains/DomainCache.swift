import MailModel

/// The domains that a transaction has read and locked, with the changes that are not written yet.
struct DomainCache {
    private struct Entry {
        var domain: SendingDomain
        /// The domain as it is in its row; `nil` where that is not known.
        var stored: SendingDomain?
        var isChanged = false

        /// Whether its row lacks nothing but what was sent in its day and month.
        var isCountAlone: Bool {
            guard var counted = stored else { return false }
            counted.counters.sentToday = domain.counters.sentToday
            counted.counters.sentThisMonth = domain.counters.sentThisMonth
            counted.admitted = domain.admitted
            return counted == domain
        }
    }

    /// A domain that is to be written.
    struct Change {
        var domain: SendingDomain
        /// Whether nothing has changed but what was sent in its day and month.
        var isCountAlone: Bool
    }

    private var entries: [Int64: Entry] = [:]
    /// The ids of the live domains that were read: claims of several accounts may have one name.
    private var live: [DomainName: [Int64]] = [:]
    /// Names of which all live domains were read.
    ///
    /// They are locked: another node can only add a claim.
    private var complete: Set<DomainName> = []

    /// Returns a domain, also a deleted one; `nil` when it was not read yet.
    func domain(_ id: Int64) -> SendingDomain? {
        entries[id]?.domain
    }

    /// Returns the live domains of a name that were read, oldest first.
    func domains(named name: DomainName) -> [SendingDomain] {
        (live[name] ?? []).compactMap { entries[$0]?.domain }
    }

    /// Returns the proven domain of a name; `nil` when it was not read yet.
    ///
    /// There is one at the most.
    func provenDomain(named name: DomainName) -> SendingDomain? {
        first(named: name) { $0.ownership.isProven }
    }

    /// Returns the live domain of a name and account; `nil` when it was not read yet.
    ///
    /// There is one at the most.
    func domain(named name: DomainName, of accountID: Int64) -> SendingDomain? {
        first(named: name) { $0.accountID == accountID }
    }

    private func first(named name: DomainName, where condition: (SendingDomain) -> Bool) -> SendingDomain? {
        for id in live[name] ?? [] {
            if let domain = entries[id]?.domain, condition(domain) { return domain }
        }
        return nil
    }

    /// Whether all live domains of a name were read: they are not looked for again.
    func isComplete(_ name: DomainName) -> Bool {
        complete.contains(name)
    }

    /// Stores that all live domains of the names were read.
    mutating func store(lookedFor names: Set<DomainName>) {
        complete.formUnion(names)
    }

    /// Forgets that all live domains of the name were read: another node may have inserted one meanwhile.
    mutating func forgetLookup(of name: DomainName) {
        complete.remove(name)
    }

    /// Whether a domain of the name was deleted and its row is still that of a live one.
    func hasUnwrittenDeletion(of name: DomainName) -> Bool {
        entries.values.contains { $0.isChanged && $0.domain.deletedAt != nil && $0.domain.name == name }
    }

    /// Adds a domain that was read or inserted.
    ///
    /// One that is in the cache already stays as it is: it may have changes that are not written yet.
    ///
    /// - Parameter row: the domain as it is in its row.
    mutating func add(_ domain: SendingDomain, storedAs row: SendingDomain) {
        guard entries[domain.id] == nil else { return }
        entries[domain.id] = Entry(domain: domain, stored: row)
        if domain.deletedAt == nil { setLive(domain) }
    }

    /// Adds or replaces a domain that is to be written.
    mutating func change(_ domain: SendingDomain) {
        entries[domain.id, default: Entry(domain: domain)].domain = domain
        entries[domain.id]?.isChanged = true
        if domain.deletedAt == nil {
            setLive(domain)
        } else {
            live[domain.name]?.removeAll { $0 == domain.id }
        }
    }

    private mutating func setLive(_ domain: SendingDomain) {
        guard live[domain.name]?.contains(domain.id) != true else { return }
        live[domain.name, default: []].append(domain.id)
        live[domain.name]?.sort()
    }

    /// Returns the changed domains, which count as unchanged from then on.
    ///
    /// The order of their ids keeps two nodes from deadlocking.
    mutating func drainChanged() -> [Change] {
        let changed = entries.values.filter(\.isChanged).sorted { $0.domain.id < $1.domain.id }
        for entry in changed {
            var written = entry.domain
            written.admitted = 0
            entries[written.id] = Entry(domain: written, stored: written)
        }
        return changed.map { Change(domain: $0.domain, isCountAlone: $0.isCountAlone) }
    }

    /// The emails of an account's domains that the gate has admitted and that are not counted for the account yet.
    func admitted(ofAccount accountID: Int64) -> ReputationCounts {
        let domains = entries.values.filter { $0.isChanged && $0.domain.accountID == accountID }
        return ReputationCounts(sent: domains.reduce(0) { $0 + $1.domain.admitted })
    }

    /// Sets whether an account has limits in its domains, where the gate reads it.
    mutating func set(hasQuota: Bool, ofAccount accountID: Int64) {
        for (id, entry) in entries where entry.domain.accountID == accountID {
            entries[id]?.domain.hasAccountQuota = hasQuota
        }
    }

    /// Sets the status of an account in its domains, where the gate reads it.
    mutating func set(_ status: Account.Status, ofAccount accountID: Int64) {
        for (id, entry) in entries where entry.domain.accountID == accountID {
            entries[id]?.domain.accountStatus = status
        }
    }
}
