/// A domain that an account sends from: its outbound configuration, counters and verification.
package struct SendingDomain: Sendable, Equatable, Identifiable {
    /// The id in the database.
    package var id: Int64
    /// The account that owns it.
    package var accountID: Int64
    /// The domain's name.
    package var name: DomainName
    /// When it was created.
    package var createdAt: Timestamp
    /// When the customer deleted it; `nil` for a live domain.
    ///
    /// Its row stays for bills and reports.
    package var deletedAt: Timestamp?
    /// How it may send.
    package var outbound: OutboundConfiguration
    /// Its counters.
    package var counters: OutboundCounters
    /// Its verification by SES.
    package var verification: SESVerification
    /// The display name in `From` of emails that give none; `nil` for none.
    package var fromName: String?
    /// Whose it is, and how far that is proven.
    package var ownership = DomainOwnership()
    /// What the reputation of its account allows.
    package var accountStatus: Account.Status = .ok
    /// Whether its account has limits that messages count against (``AccountLimits/limitsSending``).
    package var hasAccountQuota = false
    /// Emails that the gate has admitted since the domain was read: they count for the account too.
    package var admitted: Int64 = 0

    /// A new domain, which is active, without limits, proven to be its account's, and not verified.
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

    /// Lets the domain send again, with a new window for the guillotine.
    package mutating func reactivate() {
        outbound.status = .active
        outbound.suspendedReason = nil
        outbound.suspendedAt = nil
        counters.startWindow()
    }
}

/// The verification of a domain identity by SES.
package struct SESVerification: Sendable, Equatable {
    /// The states of `GetIdentityVerificationAttributes` and `GetIdentityDkimAttributes` (Amazon SES API reference, `VerificationStatus`).
    package enum Status: String, Sendable, CaseIterable {
        case pending = "Pending"
        case success = "Success"
        case failed = "Failed"
        case temporaryFailure = "TemporaryFailure"
        case notStarted = "NotStarted"
    }

    /// Whether both statuses were `Success` when SES was last asked, and the domain is proven to be its account's.
    package var isVerified = false
    /// The status of the identity.
    package var identity: Status = .notStarted
    /// The status of its DKIM signature.
    package var dkim: Status = .notStarted
    /// When the customer last asked for verification; `nil` before the first time.
    ///
    /// Domains that wait are polled.
    package var requestedAt: Timestamp?
    /// When SES was last asked.
    package var checkedAt: Timestamp?
    /// The MAIL FROM domain that was set through this program; `nil` for none.
    package var mailFrom: DomainName?

    /// The state of a domain that SES was never asked about.
    package init() {}

    /// Whether SES's last word on both was `Success`.
    package var isSuccess: Bool { identity == .success && dkim == .success }

    /// Stores the statuses that SES answered.
    package mutating func update(identity: Status, dkim: Status, at time: Timestamp) {
        self.identity = identity
        self.dkim = dkim
        isVerified = isSuccess
        checkedAt = time
    }
}
