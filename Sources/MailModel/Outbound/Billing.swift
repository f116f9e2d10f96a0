/// The bill of a period: every freeze of it, summed per domain (specification 3.6).
package struct Billing: Sendable, Equatable {
    package let month: CalendarMonth
    /// When something was frozen, each time once, oldest first.
    package let freezes: [Timestamp]
    /// One entry per domain and owner, by name. Counts are sums; the limit and the time are those of the last freeze.
    package let domains: [FrozenEntry]

    private struct Key: Hashable {
        let domainID: Int64
        let accountReference: String
    }

    /// - Parameter entries: all of the month, oldest first.
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
