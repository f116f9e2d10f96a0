/// A domain that an account sends from: its outbound configuration, counters and verification.
package struct SendingDomain: Sendable, Equatable, Identifiable {
    package var id: Int64
    package var accountID: Int64
    package var name: DomainName
    package var createdAt: Timestamp
    /// When the customer deleted it. Its history stays, for bills and reports.
    package var deletedAt: Timestamp?
    package var outbound: OutboundConfiguration
    package var counters: OutboundCounters
    package var verification: SESVerification
    /// What the reputation of its account allows.
    package var accountStatus: Account.Status = .ok
    /// What the gate let through since the domain was read: it counts for the account as well.
    package var admitted: Int64 = 0

    package init(id: Int64, accountID: Int64, name: DomainName, createdAt: Timestamp) {
        self.id = id
        self.accountID = accountID
        self.name = name
        self.createdAt = createdAt
        outbound = OutboundConfiguration()
        counters = OutboundCounters(at: createdAt)
        verification = SESVerification()
    }

    /// Stops the domain's outbound mail.
    package mutating func suspend(reason: String, at time: Timestamp) {
        outbound.status = .suspended
        outbound.suspendedReason = reason
        outbound.suspendedAt = time
    }

    /// Lets the domain send again, with a fresh window for the guillotine.
    package mutating func reactivate() {
        outbound.status = .active
        outbound.suspendedReason = nil
        outbound.suspendedAt = nil
        counters.startWindow()
    }
}

/// What SES says about a domain identity.
package struct SESVerification: Sendable, Equatable {
    /// The states of `GetIdentityVerificationAttributes` and `GetIdentityDkimAttributes` (Amazon SES API reference, `VerificationStatus`).
    package enum Status: String, Sendable, CaseIterable {
        case pending = "Pending"
        case success = "Success"
        case failed = "Failed"
        case temporaryFailure = "TemporaryFailure"
        case notStarted = "NotStarted"
    }

    /// Both statuses were `Success` when SES was last asked.
    package var isVerified = false
    package var identity: Status = .notStarted
    package var dkim: Status = .notStarted
    /// When the customer last asked for verification; `nil` before the first time. Domains that wait are polled.
    package var requestedAt: Timestamp?
    package var checkedAt: Timestamp?

    package init() {}

    /// Takes in what SES said.
    package mutating func update(identity: Status, dkim: Status, at time: Timestamp) {
        self.identity = identity
        self.dkim = dkim
        isVerified = identity == .success && dkim == .success
        checkedAt = time
    }
}
