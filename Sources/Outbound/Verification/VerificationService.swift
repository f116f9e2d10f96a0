package import AmazonSES
import Concurrency
package import MailModel
package import Storage

/// Verification of domains with SES, and the proof that they are their accounts' (specification 3.7, 3.11).
///
/// Only the answers of SES and of the DNS change what is stored, and only once all calls have succeeded: a failure leaves nothing half changed.
/// Throws ``Refusal`` for a caller's mistake and `SESError` for what SES refused.
package final class VerificationService: Sendable {
    /// The most other claims on a name whose records are looked up before SES's word is taken as a proof.
    private static let mostRivals = 5

    private let store: Store
    private let identities: any SESIdentities
    private let proof: OwnershipProof
    private let rules: OwnershipRules
    private let statuses = StatusCache()
    private let starting = SingleFlight<Start, Result<VerificationRecords, any Error>>()
    private let checking = SingleFlight<Int64, Result<SESVerification, any Error>>()
    private let proving = SingleFlight<Int64, Result<SESVerification, any Error>>()

    /// What calls have to have in common to share one attempt.
    private struct Start: Hashable {
        var domain: Int64
        var mailFrom: MailFromChange?
    }

    /// - Parameters:
    ///   - identities: the identities at SES.
    ///   - proof: looks for the records that prove claims.
    ///   - rules: when such a record is needed.
    package init(store: Store, identities: any SESIdentities, proof: OwnershipProof, rules: OwnershipRules = OwnershipRules()) {
        self.store = store
        self.identities = identities
        self.proof = proof
        self.rules = rules
    }

    /// How many calls of ``start(_:of:by:)`` wait for SES.
    package var starts: Int { starting.callers }

    /// Asks SES to verify a domain, or again for its records.
    ///
    /// Simultaneous calls for one domain share one attempt.
    ///
    /// - Parameters:
    ///   - reference: the account that the master means; `nil`: the one that has proven the name, else the oldest claim.
    ///   - mailFrom: what to do with the MAIL FROM domain; `nil` leaves it as it is, and its records out.
    package func start(
        _ name: String, of reference: String? = nil, mailFrom: MailFromChange? = nil, by principal: Principal
    ) async throws -> VerificationRecords {
        let domain = try await find(name, of: reference, by: principal)
        return try await starting.run(Start(domain: domain.id, mailFrom: mailFrom)) {
            await self.start(domain, mailFrom, by: principal)
        }.get()
    }

    /// Returns the verification status of a domain: SES's part at most 5 seconds old, the record that proves the claim as the DNS has it now.
    package func status(_ name: String, of reference: String? = nil, by principal: Principal) async throws -> SESVerification {
        let domain = try await find(name, of: reference, by: principal)
        guard var status = statuses.status(of: domain.id, at: store.now) else { return try await check(domain) }
        if domain.ownership.record(of: domain.name) != nil, domain.ownership.state == .pending { return try await prove(domain) }
        status.isVerified = status.isSuccess && domain.ownership.isProven
        return status
    }

    /// Believes a claim because the master says so.
    package func approve(_ name: String, of reference: String? = nil, by principal: Principal) async throws -> SendingDomain {
        let command = ApproveDomain(domain: OwnedDomain(name: name, principal: principal, reference: reference))
        return try await store.write { try command.run(in: $0) }.get()
    }

    /// Asks SES, and where a record is needed the DNS, about a domain and stores the answers.
    func check(_ domain: SendingDomain) async throws -> SESVerification {
        try await checking.run(domain.id) { await self.askStatus(of: domain) }.get()
    }

    /// Records that SES was asked about a domain and gave no usable answer, so that the next round of the poller begins with others.
    func recordFailedCheck(of domain: SendingDomain) async throws {
        _ = try await store.write { tx -> Result<Void, Refusal> in
            guard var current = try tx.domains.find(domain.id), current.deletedAt == nil else { return .failure(.unknownDomain) }
            current.verification.checkedAt = tx.now
            tx.domains.update(current)
            return .success(())
        }.get()
    }

    private func find(_ name: String, of reference: String?, by principal: Principal) async throws -> SendingDomain {
        try await store.read { try OwnedDomain(name: name, principal: principal, reference: reference).find(in: $0) }.get()
    }

    private func start(
        _ domain: SendingDomain, _ change: MailFromChange?, by principal: Principal
    ) async -> Result<VerificationRecords, any Error> {
        do {
            let prepared = try await prepare(domain)
            // A name that is refused asks SES for nothing.
            let mailFrom = try change.map { try $0.domain(of: prepared) }
            let token = try await identities.verifyDomainIdentity(domain.name)
            let dkimTokens = try await identities.verifyDomainDKIM(domain.name)
            if let mailFrom { try await identities.setMailFrom(mailFrom, of: domain.name) }
            let command = RequestVerification(domain: prepared, mailFrom: mailFrom, principal: principal)
            let requested = try await store.write { try command.run(in: $0) }.get()
            statuses.remove(domain.id)
            return .success(
                VerificationRecords(
                    domain: domain.name, token: token, dkimTokens: dkimTokens, proof: requested.ownership.record(of: domain.name),
                    mailFrom: (mailFrom ?? nil).map { MailFrom($0, server: identities.feedbackServer) }))
        } catch {
            return .failure(error)
        }
    }

    /// Finds out whether SES holds the identity already, when this claim asks for the first time.
    private func prepare(_ domain: SendingDomain) async throws -> SendingDomain {
        var identity: DomainOwnership.Identity?
        if domain.ownership.identity == nil {
            identity = try await identities.identityStatus(of: domain.name) == .notStarted ? .made : .found
        }
        let command = PrepareVerification(domain: domain, identity: identity, rules: rules, token: OwnershipToken.make())
        return try await store.write { try command.run(in: $0) }.get()
    }

    private func askStatus(of domain: SendingDomain) async -> Result<SESVerification, any Error> {
        let generation = statuses.generation
        do {
            let identity = try await identities.identityStatus(of: domain.name)
            let dkim = try await identities.dkimStatus(of: domain.name)
            let isProof = try await isProven(domain, identity: identity)
            let status = try await record(VerificationFindings(statuses: (identity, dkim), isProof: isProof), of: domain)
            statuses.store(status, of: domain.id, generation: generation, at: store.now)
            return .success(status)
        } catch {
            return .failure(error)
        }
    }

    /// Looks for the record that proves a claim, without asking SES again.
    private func prove(_ domain: SendingDomain) async throws -> SESVerification {
        try await proving.run(domain.id) {
            do {
                let isProof = await self.isFound(domain)
                let status = try await self.record(VerificationFindings(isProof: isProof), of: domain)
                return .success(status)
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private func record(_ findings: VerificationFindings, of domain: SendingDomain) async throws -> SESVerification {
        let command = RecordVerification(domain: domain, findings: findings)
        return try await store.write { try command.run(in: $0) }.get().verification
    }
}

// MARK: Proof

extension VerificationService {
    /// Whether a claim is proven: by its own record where one is needed, otherwise by SES's word.
    private func isProven(_ domain: SendingDomain, identity: SESVerification.Status) async throws -> Bool {
        guard domain.ownership.state == .pending else { return false }
        var ownership = domain.ownership
        if ownership.identity == nil, identity != .notStarted { ownership.note(.found) }
        ownership.apply(rules)
        if ownership.needsRecord { return await isFound(domain) }
        guard identity == .success else { return false }
        return try await !hasRival(domain)
    }

    private func isFound(_ domain: SendingDomain) async -> Bool {
        guard let token = domain.ownership.token else { return false }
        return await proof.find(DomainOwnership.Record(of: domain.name, token: token)) == .found
    }

    /// Whether another account that got SES's records too has its own record in the DNS, or may have it: then it is not known who set those of SES.
    private func hasRival(_ domain: SendingDomain) async throws -> Bool {
        guard rules.proof != .off, !proof.isSimulated else { return false }
        let claims = try await store.read { try $0.domains.listClaims(on: domain.name) }
        let rivals = claims.filter { $0.id != domain.id && $0.ownership.state == .pending && $0.verification.requestedAt != nil }
        for rival in rivals.prefix(Self.mostRivals) {
            guard let record = rival.ownership.record(of: rival.name) else { continue }
            if await proof.find(record) != .missing { return true }
        }
        return false
    }
}
