/// The automatic suspension of a domain whose bounce rate endangers the SES account (specification 3.9).
package struct Guillotine: Sendable, Equatable {
    /// A domain above this rate, strictly, is suspended.
    package var bouncePercent = Percent(3)
    /// Domains that sent fewer than this in the period are not judged.
    package var minimumSent: Int64 = 0

    package init() {}

    /// Why the domain has to be suspended, or `nil` when it may go on.
    ///
    /// After a reactivation only what came since is judged, and a single bounce is no verdict there: the operator
    /// who has just let the domain go on does not want it cut by the first straggler of the old batch.
    ///
    /// - Parameter late: the closed period whose mail has bounced, where it was not the present one's: an old month's bounces say nothing of
    ///   the few emails that the new month has sent, and are judged by what the old month sent.
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
