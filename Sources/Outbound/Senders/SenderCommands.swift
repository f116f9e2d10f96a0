import AmazonSES
import MailModel
import Storage

/// The outcome of asking SES to verify an address.
enum SenderRequestOutcome: Sendable {
    /// SES was not asked.
    case notAsked
    /// SES mailed its link.
    case mailed
    /// SES had verified the address before.
    case alreadyVerified
}

/// A sender named by a caller, who may see it or not: for a client, the sender of another account does not exist.
struct OwnedSender: Sendable {
    /// As the caller wrote it.
    let address: String
    let principal: Principal

    /// Returns the sender, or a ``Refusal``, also for a text that is no address.
    func find(in tx: some ReadableTransaction) throws -> Result<Sender, Refusal> {
        guard let address = try? EmailAddress(address), let sender = try tx.senders.find(address),
            principal.mayAccess(account: sender.accountID)
        else { return .failure(.unknownSender) }
        return .success(sender)
    }
}

/// The right of an account to an address as a sender.
struct SenderClaim: Sendable {
    let address: EmailAddress
    let principal: Principal

    /// Returns the sender that the account already has for the address; `nil` where it may request one.
    ///
    /// The claim is refused where another account has the address, or has verified its domain, and where the account has too many senders.
    /// In a ``Transaction`` the sender is locked.
    func check(in tx: some ReadableTransaction) throws -> Result<Sender?, Refusal> {
        let accountID = try accountID(in: tx)
        if let sender = try tx.writing?.senders.findForUpdate(address) ?? tx.senders.find(address) {
            return sender.accountID == accountID ? .success(sender) : .failure(.takenSender)
        }
        if let domain = try tx.domains.findProven(address.domain), domain.accountID != accountID, domain.verification.isVerified {
            return .failure(.takenSender)
        }
        if let accountID, try tx.senders.hasAtLeast(SenderService.maximumPerAccount, accountID: accountID) {
            return .failure(.tooManySenders)
        }
        return .success(nil)
    }

    /// Whether the address lies in a domain that the account had and gave up: its sender would go on where the domain's limits and status were left
    /// behind, so only the master lets it.
    func isOfGivenUpDomain(in tx: some ReadableTransaction) throws -> Bool {
        guard let accountID = try accountID(in: tx) else { return false }
        return try tx.domains.wasGivenUp(address.domain, by: accountID)
    }

    /// Returns the account that the claim is made for: the caller's, or the default one for the master; `nil` where that does not exist
    /// yet.
    func accountID(in tx: some ReadableTransaction) throws -> Int64? {
        try principal.accountID ?? tx.accounts.find(reference: Account.defaultReference)?.id
    }
}

/// Stores the outcome of a request for an address.
struct RequestSender: Sendable {
    let claim: SenderClaim
    let outcome: SenderRequestOutcome

    /// Returns the sender after it, or why the claim is refused now.
    func run(in tx: Transaction) throws -> Result<Sender, Refusal> {
        if let accountID = try claim.accountID(in: tx) { try tx.accounts.lock(accountID) }
        let known: Sender?
        switch try claim.check(in: tx) {
        case .success(let sender): known = sender
        case .failure(let refusal): return .failure(refusal)
        }
        let accountID = try claim.principal.accountID ?? tx.accounts.findOrInsert(reference: Account.defaultReference).id
        // A simultaneous request has requested it already.
        if let known, !known.mayBeAskedFor(at: tx.now) { return .success(known) }
        // Where another node has inserted it meanwhile, that sender is used.
        guard var sender = try known ?? tx.senders.insert(claim.address, accountID: accountID) else { return try run(in: tx) }
        apply(to: &sender, at: tx.now)
        try tx.senders.update(sender)
        try tx.audit.insert(sender.change(.senderRequest, before: known), by: .principal(claim.principal))
        return .success(sender)
    }

    private func apply(to sender: inout Sender, at now: Timestamp) {
        switch outcome {
        case .mailed: sender.request(at: now)
        // The link that SES mailed for this account was visited meanwhile.
        case .alreadyVerified where sender.status == .pending: sender.update(.success, at: now)
        case .notAsked where sender.status == .pending: break
        case .alreadyVerified, .notAsked: (sender.status, sender.requestedAt) = (.requested, nil)
        }
    }
}

/// Stores the outcome of the request that the master has approved.
struct ApproveSender: Sendable {
    /// As it was when SES was asked.
    let sender: Sender
    let outcome: SenderRequestOutcome
    let principal: Principal

    func run(in tx: Transaction) throws -> Result<Sender, Refusal> {
        guard var current = try tx.senders.findForUpdate(sender.address), current.id == sender.id else { return .failure(.unknownSender) }
        // A simultaneous call has changed it already.
        guard current.status == sender.status, current.requestedAt == sender.requestedAt else { return .success(current) }
        current.request(at: tx.now)
        if outcome == .alreadyVerified {
            current.requestedAt = nil
            current.update(.success, at: tx.now)
        }
        try tx.senders.update(current)
        try tx.audit.insert(current.change(.senderApprove, before: sender), by: .principal(principal))
        return .success(current)
    }
}

/// Stores the verification statuses that SES returned for senders.
struct UpdateSenderStatuses: Sendable {
    /// As they were when SES was asked.
    let senders: [Sender]
    /// By address; an address that SES does not know is not in it.
    let statuses: [EmailAddress: SESVerification.Status]

    /// Returns the senders whose status changed.
    func run(in tx: Transaction) throws -> [Sender] {
        // In the order of their ids, so that two nodes never wait for each other crosswise.
        try senders.sorted { $0.id < $1.id }.compactMap { sender in
            // A sender that was deleted, requested again or checked by another node since SES was asked is left alone: the status is
            // outdated.
            guard var current = try tx.senders.findForUpdate(sender.address), current.id == sender.id,
                current.requestedAt == sender.requestedAt, current.checkedAt == sender.checkedAt
            else { return nil }
            current.update(statuses[sender.address] ?? .notStarted, at: tx.now)
            try tx.senders.update(current)
            guard current.status != sender.status else { return nil }
            try log(current, before: sender, in: tx)
            return current
        }
    }

    /// Logs what SES has decided: that an address is verified, or is not any more.
    private func log(_ sender: Sender, before: Sender, in tx: Transaction) throws {
        switch sender.status {
        case .verified: try tx.audit.insert(sender.change(.senderVerify, before: before), by: .system)
        case .failed: try tx.audit.insert(sender.change(.senderFail, before: before), by: .system)
        case .requested, .pending: break
        }
    }
}

extension Sender {
    /// The row of the audit log about a change of the sender to what it is now.
    func change(_ action: AuditAction, before: Sender?) -> AuditChange {
        AuditChange(
            action, target: .sender(address), account: accountID, before: before?.auditValues ?? [:], after: auditValues)
    }

    /// The row of the audit log about its deletion.
    var deletion: AuditChange { AuditChange(.senderDelete, target: .sender(address), account: accountID, before: auditValues) }

    private var auditValues: [String: AuditValue] {
        ["status": .string(status.rawValue), "requested_at": .optional(requestedAt)]
    }
}
