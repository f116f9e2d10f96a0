/// A domain that an account sends from: its outbound configuration, counters and verification.
public struct SendingDomain: Sendable, Equatable, Identifiable {
    public var id: Int64
    public var accountID: Int64
    public var name: DomainName
    public var createdAt: Timestamp
    /// When the customer deleted it. Its history stays, for bills and reports.
    public var deletedAt: Timestamp?
    public var outbound: OutboundConfiguration
    public var counters: OutboundCounters
    public var verification: SESVerification
    /// What the reputation of its account allows.
    public var accountStatus: Account.Status = .ok
    /// What the gate let through since the domain was read: it counts for the account as well.
    public var admitted: Int64 = 0

    public init(id: Int64, accountID: Int64, name: DomainName, createdAt: Timestamp) {
        self.id = id
        self.accountID = accountID
        self.name = name
        self.createdAt = createdAt
        outbound = OutboundConfiguration()
        counters = OutboundCounters(at: createdAt)
        verification = SESVerification()
    }

    /// Stops the domain's outbound mail.
    public mutating func suspend(reason: String, at time: Timestamp) {
        outbound.status = .suspended
        outbound.suspendedReason = reason
        outbound.suspendedAt = time
    }

    /// Lets the domain send again, with a fresh window for the guillotine.
    public mutating func reactivate() {
        outbound.status = .active
        outbound.suspendedReason = nil
        outbound.suspendedAt = nil
        counters.startWindow()
    }
}

/// What SES says about a domain identity.
public struct SESVerification: Sendable, Equatable {
    /// The states of `GetIdentityVerificationAttributes` and `GetIdentityDkimAttributes` (Amazon SES API reference, `VerificationStatus`).
    public enum Status: String, Sendable, CaseIterable {
        case pending = "Pending"
        case success = "Success"
        case failed = "Failed"
        case temporaryFailure = "TemporaryFailure"
        case notStarted = "NotStarted"
    }

    /// Both statuses were `Success` when SES was last asked.
    public var isVerified = false
    public var identity: Status = .notStarted
    public var dkim: Status = .notStarted
    /// When the customer last asked for verification; `nil` before the first time. Domains that wait are polled.
    public var requestedAt: Timestamp?
    public var checkedAt: Timestamp?

    public init() {}

    /// Takes in what SES said.
    public mutating func update(identity: Status, dkim: Status, at time: Timestamp) {
        self.identity = identity
        self.dkim = dkim
        isVerified = identity == .success && dkim == .success
        checkedAt = time
    }
}
