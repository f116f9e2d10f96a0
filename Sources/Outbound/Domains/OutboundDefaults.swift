/// What a new domain begins with.
package struct OutboundDefaults: Sendable, Equatable {
    /// `domains.dailyLimit`: emails per UTC day; 0 is unlimited.
    package var dailyLimit: Int64
    /// `domains.monthlyLimit`: emails per UTC month; 0 is unlimited.
    package var monthlyLimit: Int64

    package init(dailyLimit: Int64 = 0, monthlyLimit: Int64 = 0) {
        self.dailyLimit = dailyLimit
        self.monthlyLimit = monthlyLimit
    }
}
