package import MailModel

/// How the queue is worked off (specification 6).
package struct DeliverySettings: Sendable {
    /// The name of this node in its leases: new at each start, so that a node never takes its own old claims for present ones.
    package var owner: String
    package var retries = RetrySchedule()
    /// How long a claim holds. Longer than a call may take.
    package var lease: Duration = .seconds(60)
    /// How long an attempt without an answer waits for the provider's own events before the next.
    package var grace: Duration = .seconds(120)
    /// Calls under way at once, at the most.
    package var concurrency = 256
    /// Messages per second at the most, whatever the provider allows; `nil` leaves it to the provider.
    package var rate: Double?
    /// How long the queue waits when the provider takes nothing.
    package var pause: Duration = .seconds(60)
    /// How often the provider is asked for its quota.
    package var quotaInterval: Duration = .seconds(60)

    package init(owner: String) {
        self.owner = owner
    }
}
