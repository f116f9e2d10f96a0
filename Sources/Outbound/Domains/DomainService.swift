import DNS
package import MailModel
package import Storage

/// The initial limits of a new domain.
package struct OutboundDefaults: Sendable, Equatable {
    /// `domains.dailyLimit`: emails per UTC day; 0 is unlimited.
    package var dailyLimit: Int64
    /// `domains.monthlyLimit`: emails per UTC month; 0 is unlimited.
    package var monthlyLimit: Int64

    /// Both limits are 0, unlimited, unless given.
    package init(dailyLimit: Int64 = 0, monthlyLimit: Int64 = 0) {
        self.dailyLimit = dailyLimit
        self.monthlyLimit = monthlyLimit
    }
}

/// Domains and their outbound control (specification 3).
///
/// A client sees only the domains of its account; the master sees all.
///
/// Every method throws ``Refusal`` for a caller's mistake, and storage's own errors otherwise.
package final class DomainService: Sendable {
    private let store: Store
    private let gate: Gate
    private let defaults: OutboundDefaults
    private let rules: OwnershipRules
    private let isPublicSuffix: @Sendable (DomainName) -> Bool
    private let identities: IdentityCleanup?

    /// - Parameters:
    ///   - gate: decides about ``increment(_:of:by:principal:)``.
    ///   - defaults: the limits of new domains.
    ///   - rules: how claims are proven, and how many there may be.
    ///   - isPublicSuffix: whether a name is one below which others register theirs; clients may not create it.
    ///   - identities: deletes the identities of deleted domains at SES; `nil` leaves that to the poller.
    package init(
        store: Store, gate: Gate, defaults: OutboundDefaults, rules: OwnershipRules = OwnershipRules(),
        isPublicSuffix: @escaping @Sendable (DomainName) -> Bool = { PublicSuffixes.system.contains($0) },
        identities: IdentityCleanup? = nil
    ) {
        self.store = store
        self.gate = gate
        self.defaults = defaults
        self.rules = rules
        self.isPublicSuffix = isPublicSuffix
        self.identities = identities
    }

    /// Creates a domain.
    ///
    /// - Parameters:
    ///   - name: validated, lower-cased and IDNA-encoded.
    ///   - partnerReference: the owner's account, inserted on first use; `nil` is ``Account/defaultReference``. A client always owns what
    ///     it creates.
    package func create(name: String, partnerReference: String?, by principal: Principal) async throws -> SendingDomain {
        let name = try Self.validName(name)
        guard principal.may(.domainsApprove) || !isPublicSuffix(name) else { throw Refusal.publicSuffix(name) }
        let reference = try Self.validReference(partnerReference ?? Account.defaultReference)
        var outbound = OutboundConfiguration()
        outbound.dailyLimit = defaults.dailyLimit
        outbound.monthlyLimit = defaults.monthlyLimit
        let command = CreateDomain(
            name: name, reference: reference, outbound: outbound, token: OwnershipToken.make(), rules: rules, principal: principal)
        return try await store.write { try command.run(in: $0) }.get()
    }

    /// Returns domains, newest first.
    ///
    /// - Parameter after: begin behind the domain of this id.
    package func list(by principal: Principal, after: Int64?, limit: Int) async throws -> [SendingDomain] {
        try await store.read { try $0.domains.list(of: principal.accountID, after: after, limit: limit) }
    }

    /// Returns a domain with the counters of the present day and month.
    ///
    /// - Parameter reference: here and in the other methods the account that the master means; `nil`: the one that has proven the name, else the
    ///   oldest claim.
    package func find(_ name: String, of reference: String? = nil, by principal: Principal) async throws -> SendingDomain {
        try await store.read { try OwnedDomain(name: name, principal: principal, reference: reference).find(in: $0) }.get()
    }

    /// Returns the account that a domain belongs to.
    package func owner(of domain: SendingDomain) async throws -> Account? {
        try await store.read { try $0.accounts.find(domain.accountID) }
    }

    /// Sets the display name that emails of the domain have in `From` where their requests give none.
    ///
    /// - Parameter fromName: `nil`, or nothing but blanks, for none.
    package func update(
        _ name: String, of reference: String? = nil, fromName: String?, by principal: Principal
    ) async throws -> SendingDomain {
        let fromName = fromName.flatMap { $0.trimmed.isEmpty ? nil : $0 }
        if let fault = fromName.flatMap(Mailbox.fault(ofName:)) { throw Refusal.invalid("from_name", fault) }
        let command = NameDomain(domain: OwnedDomain(name: name, principal: principal, reference: reference), fromName: fromName)
        return try await store.write { try command.run(in: $0) }.get()
    }

    /// Deletes a domain, and its identity at SES where Martlet made it.
    ///
    /// Its row stays for bills and reports, and for the account to come back to; its name is free again.
    package func delete(_ name: String, of reference: String? = nil, by principal: Principal) async throws {
        let command = DeleteDomain(domain: OwnedDomain(name: name, principal: principal, reference: reference))
        let deleted = try await store.write { try command.run(in: $0) }.get()
        // What fails here is done by the poller.
        await identities?.removeNow(deleted)
    }

    /// Moves a domain to another account, inserted on first use.
    ///
    /// What it has sent so far is frozen for the bill of the previous owner.
    ///
    /// For the master only: the interfaces check that.
    ///
    /// - Parameter reference: the account whose domain is moved.
    @discardableResult
    package func changeOwner(
        of name: String, from reference: String? = nil, to partnerReference: String, by principal: Principal
    ) async throws -> SendingDomain {
        let domain = OwnedDomain(name: name, principal: principal, reference: reference)
        let command = ChangeDomainOwner(domain: domain, reference: try Self.validReference(partnerReference))
        return try await store.write { try command.run(in: $0) }.get()
    }

    private static func validName(_ text: String) throws(Refusal) -> DomainName {
        do throws(DomainName.Invalid) {
            return try DomainName(text)
        } catch {
            throw .invalid("name", error.description)
        }
    }

    private static func validReference(_ text: String) throws(Refusal) -> String {
        guard Account.isReference(text) else {
            throw .invalid("partner_ref", "must be 1 to \(Account.maximumReferenceLength) bytes of text without control characters")
        }
        return text
    }
}

// MARK: Outbound control

extension DomainService {
    /// The maximum of recipients for one call of `increment`: SES itself takes 50, Postfix splits at 1,000 or less by default.
    package static let largestIncrement: Int64 = 100_000

    /// Changes a domain's outbound configuration: all of it or, when a value is refused, nothing.
    ///
    /// - Throws: ``Refusal`` with `forbidden` when a client changes anything but the two limits.
    package func update(
        _ name: String, of reference: String? = nil, _ changes: OutboundChanges, by principal: Principal
    ) async throws -> SendingDomain {
        if let fault = changes.fault { throw Refusal.invalid(fault.field, fault.explanation) }
        let command = UpdateDomain(domain: OwnedDomain(name: name, principal: principal, reference: reference), changes: changes)
        return try await store.write { try command.run(in: $0) }.get()
    }

    /// Asks the gate for `count` recipients and counts them when it allows them.
    ///
    /// Durable when this returns.
    ///
    /// - Parameter count: 1 to ``largestIncrement``.
    package func increment(
        _ name: String, of reference: String? = nil, by count: Int64, principal: Principal
    ) async throws -> (domain: SendingDomain, decision: Gate.Decision) {
        let command = try counting(name, of: reference, by: count, principal: principal)
        return try await store.write(command.domain.intent) { try command.run(in: $0) }.get()
    }

    /// Counts as ``increment(_:of:by:principal:)`` does, without a task.
    ///
    /// - Parameter answer: called once, on the writer's thread.
    package func increment(
        _ name: String, of reference: String? = nil, by count: Int64, principal: Principal,
        answer: @escaping @Sendable (Result<(domain: SendingDomain, decision: Gate.Decision), any Error>) -> Void
    ) throws(Refusal) {
        let command = try counting(name, of: reference, by: count, principal: principal)
        store.write(command.domain.intent, { try command.run(in: $0) }) { result in
            answer(result.flatMap { outcome in outcome.mapError { $0 } })
        }
    }

    private func counting(
        _ name: String, of reference: String?, by count: Int64, principal: Principal
    ) throws(Refusal) -> CountRecipients {
        guard (1...Self.largestIncrement).contains(count) else {
            throw .invalid("count", "must be between 1 and \(Self.largestIncrement)")
        }
        return CountRecipients(domain: OwnedDomain(name: name, principal: principal, reference: reference), count: count, gate: gate)
    }

    /// Resets the day's count of every domain, in steps.
    ///
    /// A call that is interrupted is continued by the next one.
    ///
    /// - Returns: how many domains there are.
    package func resetDaily(by principal: Principal) async throws -> Int64 {
        try await store.resetDaily(by: .principal(principal))
    }

    /// Freezes every domain's month and begins a new period, in steps.
    ///
    /// A call that is interrupted is continued by the next one.
    ///
    /// - Parameter report: gets what was frozen since it was last reported, page by page. When it throws, the next call reports it all.
    /// - Returns: how many domains there are.
    package func resetMonthly(by principal: Principal, report: ([FrozenEntry]) async throws -> Void) async throws -> Int64 {
        try await store.resetMonthly(by: .principal(principal), report: report)
    }

    /// Returns what was frozen of a month, so that a lost answer of ``resetMonthly(report:)`` loses no bill.
    package func billing(of month: CalendarMonth) async throws -> Billing {
        let entries = try await store.read { try $0.counters.listFrozen(of: month) }
        return Billing(of: month, entries: entries)
    }
}

// MARK: Review

extension DomainService {
    /// A domain, and the account that claims it.
    package struct Claim: Sendable, Equatable {
        /// The domain.
        package let domain: SendingDomain
        /// Its account.
        package let account: Account
    }

    /// Returns the domains of which the operator has to decide whose they are, the oldest first; only those that the caller may see.
    package func listInReview(by principal: Principal, limit: Int) async throws -> [Claim] {
        try await store.read { tx in
            try tx.domains.listInReview(limit: limit).filter { principal.mayAccess(account: $0.accountID) }.compactMap { domain in
                try tx.accounts.find(domain.accountID).map { Claim(domain: domain, account: $0) }
            }
        }
    }
}

// MARK: Search

extension DomainService {
    /// A domain with the reference of its account.
    package struct FoundDomain: Sendable, Equatable {
        /// The domain, with the counters of the present day and month.
        package let domain: SendingDomain
        /// The reference of its account.
        package let account: String
    }

    /// Returns domains that match a filter, newest first.
    ///
    /// - Parameters:
    ///   - account: only this account's; `nil` for all that the caller may see.
    ///   - after: begin behind the domain of this id.
    package func search(
        _ filter: DomainFilter, account: Int64?, by principal: Principal, after: Int64?, limit: Int
    ) async throws -> [FoundDomain] {
        var filter = filter
        // A complete name is compared in the form in which it is stored.
        if let name = filter.text.flatMap({ try? DomainName($0) }) { filter.text = name.description }
        return try await store.read { [filter] tx in
            let domains = try tx.domains.list(of: principal.accountID ?? account, matching: filter, after: after, limit: limit)
            let references = try tx.accounts.references(Set(domains.map(\.accountID)))
            return domains.map { FoundDomain(domain: $0, account: references[$0.accountID] ?? "") }
        }
    }
}
