package import AmazonSES
import Concurrency
package import MailModel
package import Storage

/// The DNS records that the owner of a domain has to set for SES: the answer of `POST /domains/{name}/ses-verify` (specification 3.7).
package struct VerificationRecords: Sendable, Equatable {
    /// The domain to verify.
    package let domain: DomainName
    /// The value of the TXT record.
    package let token: String
    /// One for each CNAME record.
    package let dkimTokens: [String]

    /// A record of the DNS.
    package struct Record: Sendable, Equatable {
        /// `TXT` or `CNAME`.
        package let type: String
        /// In full, without a dot at the end.
        package let name: String
        /// The text of a TXT record, the target of a CNAME record.
        package let value: String
    }

    /// - Parameters:
    ///   - token: the verification token of SES.
    ///   - dkimTokens: the DKIM tokens of SES.
    package init(domain: DomainName, token: String, dkimTokens: [String]) {
        self.domain = domain
        self.token = token
        self.dkimTokens = dkimTokens
    }

    /// The records as the API returns them. The names of the CNAME records include the domain, as DNS editors need them.
    package var dnsRecords: [Record] {
        [Record(type: "TXT", name: "_amazonses.\(domain)", value: token)]
            + dkimTokens.map { Record(type: "CNAME", name: "\($0)._domainkey.\(domain)", value: "\($0).dkim.amazonses.com") }
    }
}

/// Verification of domains with SES (specification 3.7).
///
/// Only the answers of SES change what is stored, and only once all calls have succeeded: a failure leaves nothing half changed.
/// Throws ``Refusal`` for a caller's mistake and `SESError` for what SES refused.
package final class VerificationService: Sendable {
    private let store: Store
    private let identities: any SESIdentities
    private let statuses = StatusCache()
    private let starting = SingleFlight<Int64, Result<VerificationRecords, any Error>>()
    private let checking = SingleFlight<Int64, Result<SESVerification, any Error>>()

    /// - Parameter identities: the identities at SES.
    package init(store: Store, identities: any SESIdentities) {
        self.store = store
        self.identities = identities
    }

    /// How many calls of ``start(_:by:)`` wait for SES.
    package var starts: Int { starting.callers }

    /// Asks SES to verify a domain, or again for its records. Simultaneous calls for one domain share one attempt.
    package func start(_ name: String, by principal: Principal) async throws -> VerificationRecords {
        let domain = try await find(name, by: principal)
        return try await starting.run(domain.id) { await self.start(domain) }.get()
    }

    /// Returns the verification status of a domain at SES, at most 5 seconds old.
    package func status(_ name: String, by principal: Principal) async throws -> SESVerification {
        let domain = try await find(name, by: principal)
        if let status = statuses.status(of: domain.id, at: store.now) { return status }
        return try await check(domain)
    }

    /// Asks SES about a domain and stores the answer.
    func check(_ domain: SendingDomain) async throws -> SESVerification {
        try await checking.run(domain.id) { await self.askStatus(of: domain) }.get()
    }

    /// Records that SES was asked about a domain and gave no usable answer, so that the next round of the poller begins with others.
    func recordFailedCheck(of domain: SendingDomain) async throws {
        try await change(domain) { $0.checkedAt = $1 }
    }

    private func find(_ name: String, by principal: Principal) async throws -> SendingDomain {
        try await store.read { try OwnedDomain(name: name, principal: principal).find(in: $0) }.get()
    }

    private func start(_ domain: SendingDomain) async -> Result<VerificationRecords, any Error> {
        do {
            let token = try await identities.verifyDomainIdentity(domain.name)
            let dkimTokens = try await identities.verifyDomainDKIM(domain.name)
            try await change(domain) { $0.requestedAt = $1 }
            statuses.remove(domain.id)
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
                // Requested again, or checked by another node, since SES was asked: what is stored is newer.
                guard verification.requestedAt == domain.verification.requestedAt, verification.checkedAt == domain.verification.checkedAt
                else { return }
                verification.update(identity: identity, dkim: dkim, at: now)
            }
            statuses.store(status, of: domain.id, generation: generation, at: store.now)
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
        try await store.write { tx -> Result<SESVerification, Refusal> in
            guard var current = try tx.domains.find(domain.id), current.deletedAt == nil else { return .failure(.unknownDomain) }
            change(&current.verification, tx.now)
            tx.domains.update(current)
            return .success(current.verification)
        }.get()
    }
}
