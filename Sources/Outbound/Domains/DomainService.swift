package import MailModel
package import Storage

/// Domains and their outbound control (specification 3). Whoever calls sees only the domains of its account; the master sees all.
///
/// Every method throws ``OutboundError`` for what the caller did wrong, and storage's own errors otherwise.
package final class DomainService: Sendable {
    let store: Store
    let gate: Gate
    private let defaults: OutboundDefaults

    package init(store: Store, gate: Gate, defaults: OutboundDefaults) {
        self.store = store
        self.gate = gate
        self.defaults = defaults
    }

    /// Makes a domain.
    ///
    /// - Parameters:
    ///   - name: validated, lower-cased and IDNA-encoded.
    ///   - partnerReference: the account to own it, made on first use; `nil` is ``Account/defaultReference``. A client always owns what it creates.
    package func create(name: String, partnerReference: String?, by principal: Principal) async throws -> SendingDomain {
        let name = try validName(name)
        let reference = try validReference(partnerReference ?? Account.defaultReference)
        var outbound = OutboundConfiguration()
        outbound.dailyLimit = defaults.dailyLimit
        outbound.monthlyLimit = defaults.monthlyLimit
        let created = try await store.write { [outbound] context -> SendingDomain? in
            guard try context.domain(named: name) == nil else { return nil }
            let accountID = try principal.accountID ?? context.findOrCreateAccount(reference: reference).id
            return try context.createDomain(name, accountID: accountID, outbound: outbound)
        }
        guard let created else { throw OutboundError.alreadyExists }
        return created
    }

    /// Domains, newest first.
    ///
    /// - Parameter after: begin behind the domain of this id.
    package func list(by principal: Principal, after: Int64?, limit: Int) async throws -> [SendingDomain] {
        try await store.read { try $0.domains(of: principal.accountID, after: after, limit: limit) }
    }

    /// A domain, its counters rolled to the present day and month.
    package func find(_ name: String, by principal: Principal) async throws -> SendingDomain {
        try await store.read { try $0.domain(name, for: principal) }.get()
    }

    /// The account that a domain belongs to.
    package func owner(of domain: SendingDomain) async throws -> Account? {
        try await store.read { try $0.account(domain.accountID) }
    }

    /// Deletes a domain. Its row stays for bills and reports, its name is free again.
    package func delete(_ name: String, by principal: Principal) async throws {
        _ = try await store.write { context in
            try context.change(name, for: principal) { domain in
                domain.deletedAt = context.now
                return nil
            }
        }.get()
    }

    /// Gives a domain to another account, made on first use. What it has sent so far is frozen for the bill of the account before. For the
    /// master only, which the interfaces see to.
    @discardableResult
    package func changeOwner(of name: String, to partnerReference: String) async throws -> SendingDomain {
        let reference = try validReference(partnerReference)
        return try await store.write(.domain(try? DomainName(name))) { context -> Result<SendingDomain, OutboundError> in
            let found = try context.domain(name, for: .master)
            guard case .success(let domain) = found else { return found }
            let account = try context.findOrCreateAccount(reference: reference)
            return .success(try context.changeOwner(of: domain, to: account))
        }.get()
    }

    private func validName(_ text: String) throws -> DomainName {
        do throws(DomainName.Invalid) {
            return try DomainName(text)
        } catch {
            throw OutboundError.invalid("name", error.description)
        }
    }

    private func validReference(_ text: String) throws -> String {
        guard Account.isReference(text) else {
            throw OutboundError.invalid(
                "partner_ref", "must be 1 to \(Account.maximumReferenceLength) bytes of text without control characters")
        }
        return text
    }
}
