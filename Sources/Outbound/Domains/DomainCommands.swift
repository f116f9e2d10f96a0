import MailModel
import Storage

/// A domain named by a caller, who may see it or not: for a client, the domain of another account does not exist.
///
/// Refusals are returned, not thrown: a command that throws makes its whole batch of the group commit run again.
struct OwnedDomain: Sendable {
    /// As the caller wrote it.
    let name: String
    let principal: Principal
    /// The account that the master means; `nil`: the one that has proven the name, else the oldest claim.
    var reference: String?

    /// The name to lock for ``change(in:_:)``; `nil` where the text is no domain name.
    var intent: WriteIntent { .domain(try? DomainName(name)) }

    /// Returns the domain, or ``Refusal``, also for a text that is no domain name.
    func find(in tx: some ReadableTransaction) throws -> Result<SendingDomain, Refusal> {
        guard let name = try? DomainName(name), let domain = try find(name, in: tx) else { return .failure(.unknownDomain) }
        return .success(domain)
    }

    private func find(_ name: DomainName, in tx: some ReadableTransaction) throws -> SendingDomain? {
        if let accountID = principal.accountID { return try tx.domains.find(named: name, of: accountID) }
        guard let reference else { return try tx.domains.find(named: name) }
        guard let account = try tx.accounts.find(reference: reference) else { return nil }
        return try tx.domains.find(named: name, of: account.id)
    }

    /// Changes the domain, unless `change` returns a refusal.
    func change(
        in tx: Transaction, _ change: (inout SendingDomain) throws -> Refusal?
    ) throws -> Result<SendingDomain, Refusal> {
        let found = try find(in: tx)
        guard case .success(var domain) = found else { return found }
        if let refusal = try change(&domain) { return .failure(refusal) }
        tx.domains.update(domain)
        return .success(domain)
    }
}

/// Changes the outbound configuration of a domain.
///
/// A client may change the two limits only, up to their ceilings.
struct UpdateDomain: Sendable {
    let domain: OwnedDomain
    let changes: OutboundChanges

    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        try domain.change(in: tx) { found in
            if let refusal = refusal(on: found.outbound) { return refusal }
            let before = found.outbound
            found.apply(changes, setsCeilings: domain.principal.may(.domainsControl), at: tx.now)
            for change in found.auditChanges(since: before) { try tx.audit.insert(change, by: .principal(domain.principal)) }
            try notify(of: found, since: before, in: tx)
            return nil
        }
    }

    /// A limit that was lowered may be used up already.
    private func notify(of domain: SendingDomain, since before: OutboundConfiguration, in tx: Transaction) throws {
        if before.status != domain.outbound.status { try tx.notices.insert(domain.statusNotice, for: domain.accountID) }
        if before.dailyLimit != domain.outbound.dailyLimit || before.monthlyLimit != domain.outbound.monthlyLimit {
            try tx.notices.insertQuotas(of: domain, counting: nil)
        }
    }

    private func refusal(on outbound: OutboundConfiguration) -> Refusal? {
        guard !domain.principal.may(.domainsControl) else { return nil }
        if let field = changes.masterField { return .masterOnly(field) }
        return changes.exceededCeiling(of: outbound).map { .invalid($0.field, code: .ceilingExceeded, $0.explanation) }
    }
}

extension SendingDomain {
    /// The notice of the status that the operator has set.
    fileprivate var statusNotice: AccountNotice {
        switch outbound.status {
        case .active: AccountNotice(.domainResumed, domain: name, explanation: "\(name) may send again.")
        case .suspended:
            AccountNotice(
                .domainSuspended, domain: name,
                explanation: "\(name) was suspended: \(outbound.suspendedReason ?? "no reason was given")")
        }
    }
}

/// Sets the default name in `From` of a domain's emails; `nil` for none.
struct NameDomain: Sendable {
    let domain: OwnedDomain
    let fromName: String?

    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        try domain.change(in: tx) { found in
            let change = AuditChange(
                .domainUpdate, target: .domain(found.name), account: found.accountID, before: ["from_name": .optional(found.fromName)],
                after: ["from_name": .optional(fromName)])
            found.fromName = fromName
            if change.isChange { try tx.audit.insert(change, by: .principal(domain.principal)) }
            return nil
        }
    }
}

/// Asks the gate for a number of recipients, and counts them when it allows them.
struct CountRecipients: Sendable {
    let domain: OwnedDomain
    let count: Int64
    let gate: Gate

    /// Returns the domain after it, and what the gate decided.
    func run(in tx: Transaction) throws -> Result<(domain: SendingDomain, decision: Gate.Decision), Refusal> {
        switch try domain.find(in: tx) {
        case .failure(let refusal): return .failure(refusal)
        case .success(var domain):
            guard self.domain.principal.maySend(from: domain.name) else {
                return .failure(Refusal(.forbidden, code: .domainNotAllowed, "The API key may not send from \(domain.name)"))
            }
            var quota = try tx.quotas.findForUpdate(of: domain)
            let decision = domain.admit(count, by: gate, within: &quota)
            try tx.domains.record(decision, of: count, on: domain, within: quota)
            return .success((domain: domain, decision: decision))
        }
    }
}

extension Refusal {
    static let unknownDomain = notFound("Domain")
    static let unknownSender = notFound("Sender")
    static let takenDomain = Refusal(.alreadyExists, "Domain already exists")
    static let takenSender = Refusal(.conflict, field: "email", "email: the address or its domain belongs to another account")
    static let tooManySenders = Refusal(
        .conflict, code: .limitReached, field: "email",
        "email: the account has \(SenderService.maximumPerAccount) senders, the most that are allowed")

    static func masterOnly(_ field: String) -> Refusal {
        Refusal(.forbidden, code: .masterRequired, field: field, "Master token required to change \(field)")
    }
}
