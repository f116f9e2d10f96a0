public import MailModel

/// How the queue is worked off (specification 6).
public struct DeliverySettings: Sendable {
    /// The name of this node in its leases: new at each start, so that a node never takes its own old claims for present ones.
    public var owner: String
    public var retries = RetrySchedule()
    /// How long a claim holds. Longer than a call may take.
    public var lease: Duration = .seconds(60)
    /// How long an attempt without an answer waits for the provider's own events before the next.
    public var grace: Duration = .seconds(120)
    /// Calls under way at once, at the most.
    public var concurrency = 256
    /// Messages per second at the most, whatever the provider allows; `nil` leaves it to the provider.
    public var rate: Double?
    /// How long the queue waits when the provider takes nothing.
    public var pause: Duration = .seconds(60)
    /// How often the provider is asked for its quota.
    public var quotaInterval: Duration = .seconds(60)

    public init(owner: String) {
        self.owner = owner
    }
}
