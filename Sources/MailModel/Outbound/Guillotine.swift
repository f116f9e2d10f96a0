/// The automatic suspension of a domain whose bounce rate endangers the SES account (contract section 3 "Guillotine").
public struct Guillotine: Sendable, Equatable {
    /// A domain above this rate, strictly, is suspended.
    public var bouncePercent = Percent(3)
    /// Domains that sent fewer than this in the period are not judged.
    public var minimumSent: Int64 = 0

    public init() {}

    /// Why the domain has to be suspended, or `nil` when it may go on.
    ///
    /// After a reactivation only what came since is judged, and a single bounce is no verdict there: the operator
    /// who has just let the domain go on does not want it cut by the first straggler of the old batch.
    public func verdict(on counters: OutboundCounters) -> String? {
        let rate: Rate
        if let reactivation = counters.reactivation {
            rate = Rate(counters.bounces - reactivation.bounces, of: counters.sentThisMonth - reactivation.sent)
            guard rate.count > 1 else { return nil }
        } else {
            rate = counters.bounceRate
        }
        guard rate.total >= minimumSent, rate > bouncePercent else { return nil }
        return "guillotine: bounce rate \(rate.percent) % is over \(bouncePercent) % (\(rate.count) of \(rate.total))"
    }
}
