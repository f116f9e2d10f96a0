import MailModel
import Storage

/// Creates a domain for the caller's account, or for the account that the master names (specification 3.1, 3.11).
///
/// What the master makes is believed. A domain of a client is a claim until it is proven. A domain that the account has given up comes back with
/// everything it had.
struct CreateDomain: Sendable {
    let name: DomainName
    /// The account of a domain that the master creates; inserted on first use.
    let reference: String
    let outbound: OutboundConfiguration
    /// The text that would prove the claim in the DNS; a domain that comes back keeps the one it had.
    let token: String
    let rules: OwnershipRules
    let principal: Principal

    /// Returns the domain, or a ``Refusal``.
    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        let accountID = try principal.accountID ?? tx.accounts.findOrInsert(reference: reference).id
        // Locked, so that two nodes do not exceed a limit together.
        try tx.accounts.lock(accountID)
        try tx.domains.lock(name)
        if let refusal = try refusal(accountID, in: tx) { return .failure(refusal) }
        let former = try tx.domains.findGivenUp(name, by: accountID)
        let history = try tx.domains.history(of: name, withoutAccount: accountID)
        guard let domain = try former.map({ try revive($0, history, in: tx) }) ?? insert(accountID, history, in: tx) else {
            // Another node has created it meanwhile.
            return .failure(.takenDomain)
        }
        if domain.ownership.isProven { try EndClaims(on: name, provenBy: domain).run(in: tx) }
        var after: [String: AuditValue] = ["ownership": .string(domain.ownership.state.rawValue)]
        if former != nil { after["revived"] = true }
        try tx.audit.insert(AuditChange(.domainCreate, target: .domain(name), account: accountID, after: after), by: .principal(principal))
        return .success(domain)
    }

    private func refusal(_ accountID: Int64, in tx: Transaction) throws -> Refusal? {
        let claims = try tx.domains.listClaims(on: name)
        if claims.contains(where: { $0.accountID == accountID || (principal.may(.domainsApprove) && $0.ownership.isProven) }) {
            return .takenDomain
        }
        if try tx.quotas.hasAllDomains(accountID) { return .tooManyDomains }
        guard !principal.may(.domainsApprove) else { return nil }
        if try tx.domains.hasProvenRelative(of: name, withoutAccount: accountID) { return .relatedDomain }
        return try tx.domains.hasUnproven(atLeast: rules.maximumPending, of: accountID) ? .tooManyClaims(rules.maximumPending) : nil
    }

    private func revive(_ former: SendingDomain, _ history: NameHistory, in tx: Transaction) throws -> SendingDomain {
        var domain = former
        domain.revive(at: tx.now)
        domain.ownership.token = domain.ownership.token ?? token
        claim(&domain.ownership, history, at: tx.now)
        tx.domains.update(domain)
        return domain
    }

    private func insert(_ accountID: Int64, _ history: NameHistory, in tx: Transaction) throws -> SendingDomain? {
        var ownership = DomainOwnership(.pending)
        ownership.token = token
        ownership.claimedAt = tx.now
        claim(&ownership, history, at: tx.now)
        return try tx.domains.insert(name, accountID: accountID, outbound: outbound, ownership: ownership)
    }

    /// Decides what a claim needs, by what others have or had to do with the name.
    private func claim(_ ownership: inout DomainOwnership, _ history: NameHistory, at now: Timestamp) {
        if principal.may(.domainsApprove) { return ownership.prove(at: now) }
        if history.wasGivenUpSuspended { ownership.state = .review }
        ownership.needsRecord = history.isOrWasHeld || history.wasGivenUpSuspended
        ownership.apply(rules)
    }
}

extension DomainOwnership {
    /// Applies the setting of how claims are proven.
    mutating func apply(_ rules: OwnershipRules) {
        guard !isProven else { return }
        switch rules.proof {
        case .auto: break
        case .always: needsRecord = true
        case .off: needsRecord = false
        }
    }
}

/// Ends the pending claims of other accounts on a name that one account has proven.
struct EndClaims: Sendable {
    private let name: DomainName
    private let owner: SendingDomain

    init(on name: DomainName, provenBy owner: SendingDomain) {
        self.name = name
        self.owner = owner
    }

    func run(in tx: Transaction) throws {
        for claim in try tx.domains.listClaims(on: name) where claim.id != owner.id && claim.ownership.state == .pending {
            try GiveUpDomain(domain: claim, action: .domainLapse, reason: "another account has proven the name", actor: .system).run(in: tx)
        }
    }
}

/// Gives a domain up: the senders in it fall with it, and an identity that Martlet made at SES passes to the next claim that needs it, or
/// is left to be deleted.
///
/// Its row stays for bills and reports, and for the account to come back to.
struct GiveUpDomain: Sendable {
    let domain: SendingDomain
    let action: AuditAction
    /// Why, for the log; `nil` where its customer wants it.
    var reason: String?
    let actor: AuditActor

    /// Returns the domain as it was given up.
    @discardableResult
    func run(in tx: Transaction) throws -> SendingDomain {
        var domain = domain
        if domain.ownership.identity == .made, var heir = try heir(in: tx) {
            (heir.ownership.identity, domain.ownership.identity) = (.made, .found)
            tx.domains.update(heir)
        }
        // A claim that never was proven has no effect, on senders neither.
        if domain.ownership.provenAt != nil { try failSenders(in: tx) }
        try tx.domains.giveUp(domain)
        try tx.audit.insert(
            AuditChange(
                action, target: .domain(domain.name), account: domain.accountID,
                before: [
                    "ownership": .string(domain.ownership.state.rawValue), "outbound_status": .string(domain.outbound.status.rawValue),
                ], after: reason.map { ["reason": .string($0)] } ?? [:]),
            by: actor)
        return domain
    }

    /// The oldest other claim on the name for which SES was asked.
    private func heir(in tx: Transaction) throws -> SendingDomain? {
        try tx.domains.listClaims(on: domain.name).first { $0.id != domain.id && $0.verification.requestedAt != nil }
    }

    private func failSenders(in tx: Transaction) throws {
        for address in try tx.senders.fail(in: domain.name, of: domain.accountID) {
            try tx.audit.insert(
                AuditChange(
                    .senderFail, target: .sender(address), account: domain.accountID,
                    after: ["status": .string(Sender.Status.failed.rawValue), "reason": "its domain was given up"]),
                by: .system)
        }
    }
}

/// Deletes a domain.
///
/// Its row stays for bills and reports; its name is free again.
struct DeleteDomain: Sendable {
    let domain: OwnedDomain

    /// Returns the domain as it was given up.
    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        let found = try domain.find(in: tx)
        guard case .success(let live) = found else { return found }
        return .success(try GiveUpDomain(domain: live, action: .domainDelete, actor: .principal(domain.principal)).run(in: tx))
    }
}

/// Moves a domain to another account, which is inserted on first use.
///
/// It is that account's from then on, as the master says so.
struct ChangeDomainOwner: Sendable {
    let domain: OwnedDomain
    let reference: String

    /// Returns the domain with its new owner.
    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        if let name = try? DomainName(domain.name) { try tx.domains.lock(name) }
        let found = try domain.find(in: tx)
        guard case .success(let domain) = found else { return found }
        let account = try tx.accounts.findOrInsert(reference: reference)
        guard account.id != domain.accountID else { return .success(domain) }
        let claims = try tx.domains.listClaims(on: domain.name)
        if claims.contains(where: { $0.id != domain.id && $0.ownership.isProven }) { return .failure(.provenByAnother) }
        if let claim = claims.first(where: { $0.accountID == account.id }) {
            try GiveUpDomain(domain: claim, action: .domainLapse, reason: "the account has got the domain", actor: .system).run(in: tx)
        }
        return .success(try move(domain, to: account, in: tx))
    }

    private func move(_ domain: SendingDomain, to account: Account, in tx: Transaction) throws -> SendingDomain {
        let before = try tx.accounts.find(domain.accountID)?.reference
        var moved = try tx.domains.changeOwner(of: domain, to: account)
        // The text that proves the claim is another one for each account.
        moved.ownership.token = nil
        if !moved.ownership.isProven { moved.prove(at: tx.now) }
        tx.domains.update(moved)
        try EndClaims(on: moved.name, provenBy: moved).run(in: tx)
        try tx.audit.insert(
            AuditChange(
                .domainOwner, target: .domain(moved.name), account: account.id, before: ["partner_ref": .optional(before)],
                after: ["partner_ref": .string(account.reference)]),
            by: .principal(self.domain.principal))
        return moved
    }
}

/// Believes a claim because the master says so.
///
/// An account that had proven the name loses it.
struct ApproveDomain: Sendable {
    let domain: OwnedDomain

    /// Returns the domain, which is proven.
    func run(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        if let name = try? DomainName(domain.name) { try tx.domains.lock(name) }
        let result = try find(in: tx)
        guard case .success(let found) = result, !found.ownership.isProven else { return result }
        if let owner = try tx.domains.findProven(found.name) {
            try GiveUpDomain(
                domain: owner, action: .domainLapse, reason: "the operator gave the name to another account",
                actor: .principal(domain.principal)
            ).run(in: tx)
        }
        // Read again: the identity of the domain before may have passed to this one.
        var approved = try tx.domains.find(found.id) ?? found
        approved.prove(at: tx.now)
        tx.domains.update(approved)
        try EndClaims(on: found.name, provenBy: approved).run(in: tx)
        try tx.audit.insert(
            AuditChange(
                .domainApprove, target: .domain(found.name), account: found.accountID,
                before: ["ownership": .string(found.ownership.state.rawValue)], after: ["ownership": "proven"]),
            by: .principal(domain.principal))
        if let notice = approved.verifiedNotice(since: found) { try tx.notices.insert(notice, for: approved.accountID) }
        return .success(approved)
    }

    /// Without an account the one that waits for the master is meant, else the oldest claim that is not proven.
    private func find(in tx: Transaction) throws -> Result<SendingDomain, Refusal> {
        let found = try domain.find(in: tx)
        guard domain.reference == nil, case .success(let any) = found else { return found }
        let waiting = try tx.domains.listClaims(on: any.name).filter { !$0.ownership.isProven }
        return .success(waiting.first { $0.ownership.state == .review } ?? waiting.first ?? any)
    }
}

/// One step of ``ClaimExpiryJob``: ends the oldest claims that were not proven in time.
struct LapseClaims: Sendable {
    let rules: OwnershipRules
    let limit: Int

    /// Returns how many claims were looked at.
    func run(in tx: Transaction) throws -> Int {
        let claims = try tx.domains.listLapsing(claimedBefore: tx.now - .seconds(rules.claimDays * 86_400), limit: limit)
        for claim in claims {
            guard claim.ownership.claimedAt != nil else {
                // Of an earlier version: its time begins now.
                var claim = claim
                claim.ownership.claimedAt = tx.now
                tx.domains.update(claim)
                continue
            }
            let reason = "not proven within \(rules.claimDays) days"
            try GiveUpDomain(domain: claim, action: .domainLapse, reason: reason, actor: .system).run(in: tx)
        }
        return claims.count
    }
}

extension Refusal {
    static let provenByAnother = Refusal(.conflict, "Another account has proven the domain: approve the claim, or move that one")
    static let tooManyDomains = Refusal(
        .forbidden, code: .domainsLimit, "The account has as many domains as its domains_limit allows")
    static let relatedDomain = Refusal(
        .forbidden, code: .nameNotAllowed, field: "name",
        "name: a domain above or below it belongs to another account; the operator can create it for you")

    static func publicSuffix(_ name: DomainName) -> Refusal {
        Refusal(
            .forbidden, code: .nameNotAllowed, field: "name",
            "name: \(name) is a public suffix, below which others register their names; the operator can create it for you")
    }

    static func tooManyClaims(_ limit: Int) -> Refusal {
        Refusal(.forbidden, code: .pendingLimit, "The account has \(limit) domains that are not proven yet, the most that are allowed")
    }
}
