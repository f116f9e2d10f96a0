package import MailModel

/// How a node claims callbacks from the queue.
package struct CallbackClaimRules: Sendable {
    /// The name of the node that claims.
    package var owner: String
    /// How long a claim holds: longer than an attempt may take.
    package var lease: Duration
    /// The most attempts that a node has under way to one receiver.
    package var perReceiver: Int
    /// The most receivers that one claim looks at.
    package var receivers: Int

    /// Rules of a node; the defaults are those of production.
    package init(owner: String, lease: Duration = .seconds(30), perReceiver: Int = 32, receivers: Int = 64) {
        self.owner = owner
        self.lease = lease
        self.perReceiver = perReceiver
        self.receivers = receivers
    }
}

/// A delivery that a node has leased to make an attempt, with what the attempt needs.
package struct CallbackClaim: Sendable {
    /// The delivery as it was before the claim.
    package var delivery: CallbackDelivery
    /// What the callback reports.
    package var event: CallbackEvent
    /// The id of the receiver's queue: attempts under way are counted by it.
    package var queue: Int64
    /// The secret that the account's callbacks are signed with.
    package var secret: CallbackSecret
    /// The form in which its receiver gets it.
    package var kind = CallbackEndpoint.Kind.martlet
}

/// A callback that was parked because its row could not be read.
package struct UnreadableCallback: Sendable {
    /// The delivery's id; the bytes of its key where they are no id.
    package var id: String
    /// The error that reading it led to, for the log.
    package var reason: String
}

/// What a claim has taken out of the queue.
package struct ClaimedCallbacks: Sendable {
    /// The deliveries to attempt now.
    package var claims: [CallbackClaim] = []
    /// Those that were parked instead, because their rows could not be read.
    package var unreadable: [UnreadableCallback] = []
}
