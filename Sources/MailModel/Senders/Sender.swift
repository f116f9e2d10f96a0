/// A sender address that an account may use once SES has verified it (specification 9.5).
package struct Sender: Sendable, Equatable, Identifiable {
    /// Where the verification of a sender stands.
    package enum Status: String, Sendable, CaseIterable {
        /// Waits for the master.
        case requested = "REQUESTED"
        /// SES mailed its link to the address.
        case pending = "PENDING"
        case verified = "VERIFIED"
        /// The link was not visited in time, or SES does not know the address any more.
        case failed = "FAILED"
    }

    /// The id in the database.
    package var id: Int64
    /// The account that may write from it.
    package var accountID: Int64
    /// The address.
    package var address: EmailAddress
    /// Where its verification stands.
    package var status: Status
    /// When it was requested.
    package var createdAt: Timestamp
    /// When SES last mailed its link for this account; `nil` where it never did: SES's identity must not be deleted for it then.
    package var requestedAt: Timestamp?
    /// When SES was last asked about the address.
    package var checkedAt: Timestamp?

    /// A sender that SES was not asked about.
    package init(id: Int64, accountID: Int64, address: EmailAddress, status: Status, createdAt: Timestamp) {
        self.id = id
        self.accountID = accountID
        self.address = address
        self.status = status
        self.createdAt = createdAt
    }

    /// How long SES's link is valid (Amazon SES developer guide, "Verifying an email address identity").
    static let linkLifetime = Duration.seconds(24 * 3600)
    /// The least time between two links to an address, so that nobody can flood it.
    static let resendAfter = Duration.seconds(600)

    /// Whether SES may be asked for another link.
    package func mayBeAskedFor(at now: Timestamp) -> Bool {
        switch status {
        case .requested, .verified: false
        case .pending: requestedAt.map { now - $0 >= Self.resendAfter } ?? true
        case .failed: true
        }
    }

    /// Records that SES has mailed its link.
    package mutating func request(at time: Timestamp) {
        status = .pending
        requestedAt = time
        checkedAt = nil
    }

    /// Stores the status that SES answered.
    ///
    /// A sender that waits for the master goes on waiting.
    package mutating func update(_ word: SESVerification.Status, at time: Timestamp) {
        guard status != .requested else { return }
        checkedAt = time
        switch word {
        case .success: status = .verified
        case .failed: status = .failed
        case .pending: status = .pending
        case .temporaryFailure: break
        // SES may not know of a request at once, but does before its link expires.
        case .notStarted:
            let isExpired = requestedAt.map { time - $0 >= Self.linkLifetime } ?? true
            if status == .verified || isExpired { status = .failed }
        }
    }
}

/// The way in which the verification of a sender starts (`senders.approval`).
package enum SenderApproval: String, Sendable, CaseIterable {
    /// With the request.
    case automatic
    /// By the master: the support team checks the request (specification 9.5).
    case support
}
