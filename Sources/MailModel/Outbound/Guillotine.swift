/// The automatic suspension of a domain whose bounce rate endangers the SES account (specification 3.9).
package struct Guillotine: Sendable, Equatable {
    /// The rate above which, strictly, a domain is suspended.
    package var bouncePercent = Percent(3)
    /// Domains that sent fewer than this in the period are not judged.
    package var minimumSent: Int64 = 0

    /// A guillotine with the default settings.
    package init() {}

    /// Returns why the domain has to be suspended; `nil` when it may go on.
    ///
    /// After a reactivation only what came since is judged, and never by a single bounce: a late bounce of the old mail must not suspend the
    /// domain again.
    ///
    /// - Parameter late: the closed period whose mail has bounced; `nil` for the present one. Bounces of an earlier month are judged by what
    ///   that month has sent.
    package func verdict(on counters: OutboundCounters, late: ClosedPeriod? = nil) -> String? {
        let sent = late?.sent ?? counters.sentThisMonth
        let bounces = late?.bounces ?? counters.ownBounces
        var rate = Rate(bounces, of: sent)
        if let reactivation = late.map(\.reactivation) ?? counters.reactivation {
            rate = Rate(bounces - reactivation.bounces, of: sent - reactivation.sent)
            guard rate.count > 1 else { return nil }
        }
        guard rate.total >= minimumSent, rate > bouncePercent else { return nil }
        let period = late.map { ", sent before the reset of \($0.end)" } ?? ""
        return "guillotine: bounce rate \(rate.percent) % is over \(bouncePercent) % (\(rate.count) of \(rate.total)\(period))"
    }
}
