/// One domain's bill of a period: an entry of `frozen` in the answer of `POST /outbound/reset-monthly` (specification 3.6).
package struct FrozenEntry: Sendable, Equatable {
    package var domainID: Int64
    package var name: DomainName
    /// The account that owned the domain when it was frozen, `partner_ref`.
    package var accountReference: String
    /// The limit that was set when it was frozen.
    package var monthlyLimit: Int64
    package var counters: FrozenCounters
    package var frozenAt: Timestamp

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
