import MailModel
import Storage

/// A domain named by a caller, who may see it or not: for a client, the domain of another account does not exist.
///
/// Refusals are returned, not thrown: a command that throws makes its whole batch of the group commit run again.
struct OwnedDomain: Sendable {
    /// As the caller wrote it.
    let name: String
    let principal: Principal

    /// The name to lock for ``change(in:_:)``; `nil` where the text is no domain name.
    var intent: WriteIntent { .domain(try? DomainName(name)) }

    /// Returns the domain, or ``Refusal``, also for a text that is no domain name.
    func find(in tx: some ReadableTransaction) throws -> Result<SendingDomain, Refusal> {
        guard let name = try? DomainName(name), let domain = try tx.domains.find(named: name),
            principal.mayAccess(account: domain.accountID)
        else { return .failure(.unknownDomain) }
        return .success(domain)
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

/// Creates a domain for the caller's account, or for the account that the master names.
struct CreateDomain: Sendable {
    let name: DomainName
    /// The account of a domain that the master creates; inserted on first use.
    let reference: String
    let outbound: OutboundConfiguration
    let principal: Principal

    /// Returns the domain, or a ``Refusal``.
    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        guard try tx.domains.find(named: name) == nil else { return .failure(.takenDomain) }
        let accountID = try principal.accountID ?? tx.accounts.findOrInsert(reference: reference).id
        // `nil` where another node has created it meanwhile.
        guard let domain = try tx.domains.insert(name, accountID: accountID, outbound: outbound) else { return .failure(.takenDomain) }
        return .success(domain)
    }
}

/// Changes the outbound configuration of a domain. A client may change the two limits only.
struct UpdateDomain: Sendable {
    let domain: OwnedDomain
    let changes: OutboundChanges

    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        try domain.change(in: tx) { found in
            if !domain.principal.isMaster, let field = changes.masterField { return .masterOnly(field) }
            found.apply(changes, at: tx.now)
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
        try domain.find(in: tx).map { found in
            var found = found
            let decision = found.admit(count, by: gate)
            if decision.allowed { tx.domains.update(found) }
            return (domain: found, decision: decision)
        }
    }
}

/// Moves a domain to another account, which is inserted on first use.
struct ChangeDomainOwner: Sendable {
    let domain: OwnedDomain
    let reference: String

    /// Returns the domain with its new owner.
    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        let found = try domain.find(in: tx)
        guard case .success(let domain) = found else { return found }
        let account = try tx.accounts.findOrInsert(reference: reference)
        return .success(try tx.domains.changeOwner(of: domain, to: account))
    }
}

/// Deletes a domain. Its row stays for bills and reports; its name is free again.
struct DeleteDomain: Sendable {
    let domain: OwnedDomain

    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        try domain.change(in: tx) { found in
            found.deletedAt = tx.now
            return nil
        }
    }
}

extension Refusal {
    static let unknownDomain = notFound("Domain")
    static let unknownSender = notFound("Sender")
    static let takenDomain = Refusal(.alreadyExists, "Domain already exists")
    static let takenSender = Refusal(.conflict, field: "email", "email: the address or its domain belongs to another account")
    static let tooManySenders = Refusal(
        .conflict, field: "email", "email: the account has \(SenderService.maximumPerAccount) senders, the most that are allowed")

    static func masterOnly(_ field: String) -> Refusal {
        Refusal(.forbidden, field: field, "Master token required to change \(field)")
    }
}
