/// One domain's bill of a period: an entry of `frozen` in the answer of `POST /outbound/reset-monthly` (specification 3.6).
public struct FrozenEntry: Sendable, Equatable {
    public var domainID: Int64
    public var name: DomainName
    /// The account that owned the domain when it was frozen, `partner_ref`.
    public var accountReference: String
    /// The limit that was set when it was frozen.
    public var monthlyLimit: Int64
    public var counters: FrozenCounters
    public var frozenAt: Timestamp

    public init(
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
