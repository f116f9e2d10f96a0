/// One domain's bill of a period: an entry of `frozen` in the answer of `POST /outbound/reset-monthly` (specification 3.6).
package struct FrozenEntry: Sendable, Equatable {
    /// The domain's id.
    package var domainID: Int64
    /// The domain's name.
    package var name: DomainName
    /// The account that owned the domain when it was frozen, `partner_ref`.
    package var accountReference: String
    /// The limit that was set when it was frozen.
    package var monthlyLimit: Int64
    /// What was counted in the period.
    package var counters: FrozenCounters
    /// When the period was frozen.
    package var frozenAt: Timestamp

    /// An entry with these values.
    package init(
        domainID: Int64, name: DomainName, accountReference: String, monthlyLimit: Int64, counters: FrozenCounters, frozenAt: Timestamp
    ) {
        self.domainID = domainID
        self.name = name
        self.accountReference = accountReference
        self.monthlyLimit = monthlyLimit
        self.counters = counters
        self.frozenAt = frozenAt
    }
}

/// The bill of a month: the sum of its freezes per domain (specification 3.6).
package struct Billing: Sendable, Equatable {
    /// The month that is billed.
    package let month: CalendarMonth
    /// The times of the freezes, oldest first.
    package let freezes: [Timestamp]
    /// One entry per domain and owner, by name.
    ///
    /// Counts are sums; the limit and the time are those of the last freeze.
    package let domains: [FrozenEntry]

    private struct Key: Hashable {
        let domainID: Int64
        let accountReference: String
    }

    /// The bill of a month.
    ///
    /// - Parameter entries: all entries of the month, oldest first.
    package init(of month: CalendarMonth, entries: [FrozenEntry]) {
        self.month = month
        freezes = Set(entries.map(\.frozenAt)).sorted()
        let sums = Dictionary(entries.map { (Key(domainID: $0.domainID, accountReference: $0.accountReference), $0) }, uniquingKeysWith: +)
        domains = sums.values.sorted {
            ($0.name.description, $0.frozenAt, $0.domainID, $0.accountReference)
                < ($1.name.description, $1.frozenAt, $1.domainID, $1.accountReference)
        }
    }
}

extension FrozenEntry {
    /// The sum of two freezes of one domain, `later` being the later one.
    fileprivate static func + (earlier: FrozenEntry, later: FrozenEntry) -> FrozenEntry {
        var sum = later
        sum.counters.sent += earlier.counters.sent
        sum.counters.bounces += earlier.counters.bounces
        sum.counters.complaints += earlier.counters.complaints
        return sum
    }
}
