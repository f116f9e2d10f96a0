/// An address that somebody asked to put on a list, and what its owner said to that: double opt-in (specification 9.4).
package struct Subscription: Sendable, Equatable, Identifiable {
    package enum Status: String, Sendable, CaseIterable {
        /// The link was mailed and not followed yet.
        case pending = "PENDING"
        case confirmed = "CONFIRMED"
        /// The link was not followed in time.
        case expired = "EXPIRED"
    }

    /// What shows that the owner of the address agreed.
    package struct Proof: Sendable, Equatable {
        package var at: Timestamp
        /// From where the page was answered.
        package var ipAddress: String
        package var userAgent: String?

        package init(at: Timestamp, ipAddress: String, userAgent: String?) {
            self.at = at
            self.ipAddress = ipAddress
            self.userAgent = userAgent
        }
    }

    package var id: SubscriptionID
    package var accountID: Int64
    /// The list's name, the customer's own.
    package var list: String
    package var address: EmailAddress
    /// Who asks for the confirmation.
    package var sender: EmailAddress
    package var createdAt: Timestamp
    /// When the link was last mailed.
    package var mailedAt: Timestamp
    package var proof: Proof?

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

    /// How long a link is good.
    package static let lifetime = Duration.seconds(7 * 86_400)
    /// A link is not mailed again before this: it would be a way to pester an address.
    package static let mailAgainAfter = Duration.seconds(600)

    package var expiresAt: Timestamp { mailedAt + Self.lifetime }

    package func status(at now: Timestamp) -> Status {
        if proof != nil { return .confirmed }
        return now < expiresAt ? .pending : .expired
    }

    package func mayBeMailed(at now: Timestamp) -> Bool {
        proof == nil && now - mailedAt >= Self.mailAgainAfter
    }
}
