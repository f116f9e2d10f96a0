/// A single address that an account may write from once SES has verified it (specification 9.5).
package struct Sender: Sendable, Equatable, Identifiable {
    package enum Status: String, Sendable, CaseIterable {
        /// Waits for the master.
        case requested = "REQUESTED"
        /// SES mailed its link to the address.
        case pending = "PENDING"
        case verified = "VERIFIED"
        /// The link was not visited in time, or SES does not know the address any more.
        case failed = "FAILED"
    }

    package var id: Int64
    package var accountID: Int64
    package var address: EmailAddress
    package var status: Status
    package var createdAt: Timestamp
    /// When SES last mailed its link in this account's name; `nil` where it never did: SES's identity is then not ours to delete.
    package var requestedAt: Timestamp?
    /// When SES was last asked about the address.
    package var checkedAt: Timestamp?

    package init(id: Int64, accountID: Int64, address: EmailAddress, status: Status, createdAt: Timestamp) {
        self.id = id
        self.accountID = accountID
        self.address = address
        self.status = status
        self.createdAt = createdAt
    }

    /// How long SES's link is good (Amazon SES developer guide, "Verifying an email address identity").
    static let linkLifetime = Duration.seconds(24 * 3600)
    /// SES is not made to mail its link again before this: it would be a way to pester an address.
    static let resendAfter = Duration.seconds(600)

    /// Whether asking SES for another link does anybody good.
    package func mayBeAskedFor(at now: Timestamp) -> Bool {
        switch status {
        case .requested, .verified: false
        case .pending: requestedAt.map { now - $0 >= Self.resendAfter } ?? true
        case .failed: true
        }
    }

    /// SES mailed its link.
    package mutating func request(at time: Timestamp) {
        status = .pending
        requestedAt = time
        checkedAt = nil
    }

    /// Takes in what SES said. One that waits for the master goes on waiting.
    package mutating func update(_ word: SESVerification.Status, at time: Timestamp) {
        guard status != .requested else { return }
        checkedAt = time
        switch word {
        case .success: status = .verified
        case .failed: status = .failed
        case .pending: status = .pending
        case .temporaryFailure: break
        // SES may be slow to know of a request, but not as slow as its link is good for.
        case .notStarted:
            let isExpired = requestedAt.map { time - $0 >= Self.linkLifetime } ?? true
            if status == .verified || isExpired { status = .failed }
        }
    }
}

/// Who starts the verification of a sender (`senders.approval`).
package enum SenderApproval: String, Sendable, CaseIterable {
    /// The request itself.
    case automatic
    /// The master, as the support team that starts it (specification 9.5).
    case support
}
