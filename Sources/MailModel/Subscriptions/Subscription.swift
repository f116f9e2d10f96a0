/// A subscription of an address to a list, confirmed by the address's owner: double opt-in (specification 9.4).
package struct Subscription: Sendable, Equatable, Identifiable {
    /// Where a subscription stands.
    package enum Status: String, Sendable, CaseIterable {
        /// The link was mailed and not followed yet.
        case pending = "PENDING"
        case confirmed = "CONFIRMED"
        /// The link was not followed in time.
        case expired = "EXPIRED"
    }

    /// The proof that the owner of the address agreed.
    package struct Proof: Sendable, Equatable {
        /// When the owner agreed.
        package var at: Timestamp
        /// The IP address from which the page was answered.
        package var ipAddress: String
        /// The browser's `User-Agent`; `nil` where it sent none.
        package var userAgent: String?

        /// A proof with these values.
        package init(at: Timestamp, ipAddress: String, userAgent: String?) {
            self.at = at
            self.ipAddress = ipAddress
            self.userAgent = userAgent
        }
    }

    /// The id, which the link is made of.
    package var id: SubscriptionID
    /// The account that keeps the list.
    package var accountID: Int64
    /// The list's name, the customer's own.
    package var list: String
    /// The address that is to be put on the list.
    package var address: EmailAddress
    /// The sender of the email that asks for the confirmation.
    package var sender: EmailAddress
    /// When it was requested.
    package var createdAt: Timestamp
    /// When the link was last mailed.
    package var mailedAt: Timestamp
    /// The owner's confirmation; `nil` while there is none.
    package var proof: Proof?

    /// A subscription with these values.
    package init(
        id: SubscriptionID, accountID: Int64, list: String, address: EmailAddress, sender: EmailAddress, createdAt: Timestamp,
        mailedAt: Timestamp, proof: Proof? = nil
    ) {
        self.id = id
        self.accountID = accountID
        self.list = list
        self.address = address
        self.sender = sender
        self.createdAt = createdAt
        self.mailedAt = mailedAt
        self.proof = proof
    }

    /// How long a link is valid.
    package static let lifetime = Duration.seconds(7 * 86_400)
    /// The least time between two links to an address, so that nobody can flood it.
    package static let mailAgainAfter = Duration.seconds(600)

    /// When the link that was last mailed expires.
    package var expiresAt: Timestamp { mailedAt + Self.lifetime }

    /// Returns where it stands at a time.
    package func status(at now: Timestamp) -> Status {
        if proof != nil { return .confirmed }
        return now < expiresAt ? .pending : .expired
    }

    /// Whether the link may be mailed again.
    package func mayBeMailed(at now: Timestamp) -> Bool {
        proof == nil && now - mailedAt >= Self.mailAgainAfter
    }
}

/// The id of a subscription, which its link is made of.
package struct SubscriptionID: TimeOrderedID {
    /// The UUID.
    package let uuid: EmailID

    /// The id of this UUID.
    package init(uuid: EmailID) {
        self.uuid = uuid
    }
}
