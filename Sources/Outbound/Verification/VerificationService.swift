package import AmazonSES
package import MailModel
package import Storage

/// Verification of domains with SES (specification 3.7).
///
/// What is stored changes only by what SES says, and only after it said everything that was asked: a failure leaves nothing half changed.
/// Throws ``OutboundError`` for what the caller did wrong and `SESError` for what SES refused.
package final class VerificationService: Sendable {
    private let store: Store
    private let identities: any SESIdentities
    private let statuses = StatusCache()
    private let starting = SingleFlight<Int64, Result<VerificationRecords, any Error>>()
    private let checking = SingleFlight<Int64, Result<SESVerification, any Error>>()

    package init(store: Store, identities: any SESIdentities) {
        self.store = store
        self.identities = identities
    }

    /// How many calls of ``start(_:by:)`` wait for SES.
    package var starts: Int { starting.callers }

    /// Asks SES to verify a domain, or again for its records. Simultaneous calls for one domain share one attempt.
    package func start(_ name: String, by principal: Principal) async throws -> VerificationRecords {
        let domain = try await store.read { try $0.domain(name, for: principal) }.get()
        return try await starting.run(domain.id) { await self.start(domain) }.get()
    }

    /// What SES says about a domain now, or said within the last 5 seconds.
    package func status(_ name: String, by principal: Principal) async throws -> SESVerification {
        let domain = try await store.read { try $0.domain(name, for: principal) }.get()
        if let status = statuses.status(of: domain.id, at: store.now) { return status }
        return try await check(domain)
    }

    /// Asks SES about a domain and stores the answer.
    func check(_ domain: SendingDomain) async throws -> SESVerification {
        try await checking.run(domain.id) { await self.askStatus(of: domain) }.get()
    }

    private func start(_ domain: SendingDomain) async -> Result<VerificationRecords, any Error> {
        do {
            let token = try await identities.verifyDomainIdentity(domain.name)
            let dkimTokens = try await identities.verifyDomainDKIM(domain.name)
            try await change(domain) { $0.requestedAt = $1 }
            statuses.drop(domain.id)
            return .success(VerificationRecords(domain: domain.name, token: token, dkimTokens: dkimTokens))
        } catch {
            return .failure(error)
        }
    }

    private func askStatus(of domain: SendingDomain) async -> Result<SESVerification, any Error> {
        let generation = statuses.generation
        do {
            let identity = try await identities.identityStatus(of: domain.name)
            let dkim = try await identities.dkimStatus(of: domain.name)
            let status = try await change(domain) { verification, now in
                // Asked for again, or checked by another node, while SES was asked: what is stored is newer.
                guard verification.requestedAt == domain.verification.requestedAt, verification.checkedAt == domain.verification.checkedAt
                else { return }
                verification.update(identity: identity, dkim: dkim, at: now)
            }
            statuses.keep(status, of: domain.id, generation: generation, at: store.now)
            return .success(status)
        } catch {
            return .failure(error)
        }
    }

    /// Changes what is stored of a domain's verification, unless the domain was deleted while SES was asked.
    @discardableResult
    private func change(
        _ domain: SendingDomain, _ change: @escaping @Sendable (inout SESVerification, Timestamp) -> Void
    ) async throws -> SESVerification {
        try await store.write { context -> Result<SESVerification, OutboundError> in
            guard var current = try context.domain(domain.id), current.deletedAt == nil else { return .failure(.notFound) }
            change(&current.verification, context.now)
            context.save(current)
            return .success(current.verification)
        }.get()
    }

    /// Records that SES was asked about a domain and gave no answer to keep, so that the next poll begins with others.
    func recordVainCheck(of domain: SendingDomain) async throws {
        try await change(domain) { $0.checkedAt = $1 }
    }
}
