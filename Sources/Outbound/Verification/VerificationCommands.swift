import MailModel
import Storage

/// Records who made the identity of a domain before SES is asked for its records, so that a call that is interrupted leaves no identity whose maker is
/// not known; and what the claim needs to be proven.
struct PrepareVerification: Sendable {
    /// As it was when SES was asked for its status.
    let domain: SendingDomain
    /// Who made the identity, where that was not recorded before.
    let identity: DomainOwnership.Identity?
    let rules: OwnershipRules
    /// The text that would prove a claim which has none yet.
    let token: String

    /// Returns the domain as it is then.
    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        guard var current = try tx.domains.find(domain.id), current.deletedAt == nil else { return .failure(.unknownDomain) }
        let before = current
        if let identity, current.ownership.identity == nil { current.ownership.note(identity) }
        current.ownership.apply(rules)
        if current.ownership.isContested, current.ownership.token == nil { current.ownership.token = token }
        if current != before { tx.domains.update(current) }
        return .success(current)
    }
}

extension DomainOwnership {
    /// Records who made SES's identity.
    ///
    /// One that SES held before proves nothing of this account.
    mutating func note(_ identity: Identity) {
        self.identity = identity
        if identity == .found, !isProven { needsRecord = true }
    }
}

/// Stores that SES was asked for the records of a domain.
struct RequestVerification: Sendable {
    let domain: SendingDomain
    /// The MAIL FROM domain that was set, or `nil` where it was taken away; `nil` as a whole where it was left as it is.
    let mailFrom: DomainName??
    let principal: Principal

    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        guard var current = try tx.domains.find(domain.id), current.deletedAt == nil else { return .failure(.unknownDomain) }
        let before = current.verification
        current.verification.requestedAt = tx.now
        if let mailFrom { current.verification.mailFrom = mailFrom }
        tx.domains.update(current)
        try tx.audit.insert(
            AuditChange(
                .domainRequest, target: .domain(current.name), account: current.accountID, before: before.requestValues,
                after: current.verification.requestValues
            ).reduced,
            by: .principal(principal))
        return .success(current)
    }
}

extension SESVerification {
    /// What the audit log has of a request.
    fileprivate var requestValues: [String: AuditValue] {
        ["verification_requested_at": .optional(requestedAt), "mail_from": .optional(mailFrom?.description)]
    }
}

/// What SES and the DNS said about a domain.
struct VerificationFindings: Sendable {
    /// The statuses of the identity and of its DKIM; `nil` where SES was not asked.
    var statuses: (identity: SESVerification.Status, dkim: SESVerification.Status)?
    /// Whether the claim is proven, by its own record or by SES's word.
    var isProof = false
}

/// Stores what SES and the DNS said about a domain: the statuses, and the proof of the claim (specification 3.11).
///
/// Who proves a name first has it, and the others' claims end. One that another account has proven before, or that lies above or below such a name, waits
/// for the master.
struct RecordVerification: Sendable {
    /// As it was when SES was asked.
    let domain: SendingDomain
    let findings: VerificationFindings

    /// Returns the domain as it is then.
    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        if findings.isProof { try tx.domains.lock(domain.name) }
        guard var current = try tx.domains.find(domain.id), current.deletedAt == nil else { return .failure(.unknownDomain) }
        let before = current
        noteForeignIdentity(in: &current)
        if findings.isProof, current.ownership.state == .pending { try prove(&current, in: tx) }
        // Requested again, or checked by another node, since SES was asked: what is stored is newer.
        if let statuses = findings.statuses, current.verification.requestedAt == domain.verification.requestedAt,
            current.verification.checkedAt == domain.verification.checkedAt
        {
            current.verify(identity: statuses.identity, dkim: statuses.dkim, at: tx.now)
        }
        if current != before { tx.domains.update(current) }
        try log(current, before: before, in: tx)
        guard current.ownership.isProven, !before.ownership.isProven else { return .success(current) }
        try EndClaims(on: current.name, provenBy: current).run(in: tx)
        return .success(try tx.domains.find(current.id) ?? current)
    }

    /// An identity that SES holds although this claim never asked for it.
    private func noteForeignIdentity(in current: inout SendingDomain) {
        guard let identity = findings.statuses?.identity, identity != .notStarted, current.ownership.identity == nil else { return }
        current.ownership.note(.found)
    }

    private func prove(_ current: inout SendingDomain, in tx: Transaction) throws {
        let other = try tx.domains.findProven(current.name)
        let isTaken =
            try other.map { $0.id != current.id } ?? false
            || tx.domains.hasProvenRelative(of: current.name, withoutAccount: current.accountID)
        if isTaken {
            current.ownership.state = .review
        } else {
            current.prove(at: tx.now)
        }
    }

    private func log(_ current: SendingDomain, before: SendingDomain, in tx: Transaction) throws {
        let change = AuditChange(
            current.verification.isVerified || current.ownership != before.ownership ? .domainVerify : .domainFail,
            target: .domain(current.name), account: current.accountID, before: before.proofValues, after: current.proofValues)
        if change.isChange { try tx.audit.insert(change, by: .system) }
        if let notice = current.verifiedNotice(since: before) { try tx.notices.insert(notice, for: current.accountID) }
    }
}

extension SendingDomain {
    /// What the account is told where the domain may send and might not before; `nil` otherwise.
    func verifiedNotice(since before: SendingDomain) -> AccountNotice? {
        guard verification.isVerified, !before.verification.isVerified else { return nil }
        return AccountNotice(.domainVerified, domain: name, explanation: "\(name) is verified: it may send.")
    }
}

extension SendingDomain {
    /// What the audit log has of the proof of a domain.
    fileprivate var proofValues: [String: AuditValue] {
        ["ownership": .string(ownership.state.rawValue), "ses_verified": .boolean(verification.isVerified)]
    }
}

/// Finds out whether the identity of a domain that was given up has to be deleted at SES, and records that it was.
struct ForgetIdentity: Sendable {
    let domain: SendingDomain
    /// Whether SES has deleted it.
    let isDeleted: Bool

    /// Returns whether it is still to be deleted.
    func run(in tx: Transaction) throws -> Bool {
        guard var current = try tx.domains.find(domain.id), current.deletedAt != nil, current.ownership.identity == .made else {
            return false
        }
        let heir = try tx.domains.listClaims(on: current.name).first { $0.verification.requestedAt != nil }
        guard isDeleted || heir != nil else { return true }
        if !isDeleted, var heir {
            heir.ownership.identity = .made
            tx.domains.update(heir)
        }
        current.ownership.identity = nil
        tx.domains.update(current)
        return false
    }
}
