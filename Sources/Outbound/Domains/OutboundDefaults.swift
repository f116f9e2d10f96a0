/// What a new domain begins with.
public struct OutboundDefaults: Sendable, Equatable {
    /// `domains.dailyLimit`: emails per UTC day; 0 is unlimited.
    public var dailyLimit: Int64
    /// `domains.monthlyLimit`: emails per UTC month; 0 is unlimited.
    public var monthlyLimit: Int64

    public init(dailyLimit: Int64 = 0, monthlyLimit: Int64 = 0) {
        self.dailyLimit = dailyLimit
        self.monthlyLimit = monthlyLimit
    }
}
