/// An address that somebody asked to put on a list, and what its owner said to that: double opt-in (specification 9.4).
public struct Subscription: Sendable, Equatable, Identifiable {
    public enum Status: String, Sendable, CaseIterable {
        /// The link was mailed and not followed yet.
        case pending = "PENDING"
        case confirmed = "CONFIRMED"
        /// The link was not followed in time.
        case expired = "EXPIRED"
    }

    /// What shows that the owner of the address agreed.
    public struct Proof: Sendable, Equatable {
        public var at: Timestamp
        /// From where the page was answered.
        public var ipAddress: String
        public var userAgent: String?

        public init(at: Timestamp, ipAddress: String, userAgent: String?) {
            self.at = at
            self.ipAddress = ipAddress
            self.userAgent = userAgent
        }
    }

    public var id: SubscriptionID
    public var accountID: Int64
    /// The list's name, the customer's own.
    public var list: String
    public var address: EmailAddress
    /// Who asks for the confirmation.
    public var sender: EmailAddress
    public var createdAt: Timestamp
    /// When the link was last mailed.
    public var mailedAt: Timestamp
    public var proof: Proof?

    public init(
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
    public static let lifetime = Duration.seconds(7 * 86_400)
    /// A link is not mailed again before this: it would be a way to pester an address.
    public static let mailAgainAfter = Duration.seconds(600)

    public var expiresAt: Timestamp { mailedAt + Self.lifetime }

    public func status(at now: Timestamp) -> Status {
        if proof != nil { return .confirmed }
        return now < expiresAt ? .pending : .expired
    }

    public func mayBeMailed(at now: Timestamp) -> Bool {
        proof == nil && now - mailedAt >= Self.mailAgainAfter
    }
}
