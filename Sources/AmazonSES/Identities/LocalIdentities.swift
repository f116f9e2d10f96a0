import Crypto
import Encoding
package import MailModel
import Synchronization

/// Simulates SES's identity calls for the `capture` transport, without an AWS account (specification 3.7): tokens at once, and `Success` at
/// the next status check.
///
/// The tokens are hashes of the domain, so that they survive restarts like SES's. Which domains and addresses were requested since the
/// start is kept in memory. The database is asked for earlier ones, because `NotStarted` would end a domain's verification.
package final class LocalIdentities: SESIdentities {
    private let requested = Mutex<Set<DomainName>>([])
    private let requestedAddresses = Mutex<Set<EmailAddress>>([])
    private let wasRequested: @Sendable (DomainName) async throws(SESError) -> Bool
    private let senderWasRequested: @Sendable (EmailAddress) async throws(SESError) -> Bool
    /// The server of a region, which real accounts have too.
    package let feedbackServer: String

    /// Creates the simulation.
    ///
    /// - Parameters:
    ///   - wasRequested: whether the database has a request for the domain (``SESVerification/requestedAt``).
    ///   - senderWasRequested: whether it has one for the address (``Sender/requestedAt``).
    ///   - region: the region of SES that is simulated.
    package init(
        region: String = "us-east-1",
        wasRequested: @escaping @Sendable (DomainName) async throws(SESError) -> Bool,
        senderWasRequested: @escaping @Sendable (EmailAddress) async throws(SESError) -> Bool
    ) {
        self.wasRequested = wasRequested
        self.senderWasRequested = senderWasRequested
        feedbackServer = "feedback-smtp.\(region).amazonses.com"
    }

    /// Does nothing: what is set is kept with the domain.
    package func setMailFrom(_ mailFrom: DomainName?, of domain: DomainName) {}

    /// Returns a token made from the domain.
    package func verifyDomainIdentity(_ domain: DomainName) -> String {
        requested.withLock { _ = $0.insert(domain) }
        return Base64.encode(Self.hash("identity", domain))
    }

    /// Returns three tokens made from the domain.
    package func verifyDomainDKIM(_ domain: DomainName) -> [String] {
        requested.withLock { _ = $0.insert(domain) }
        return (1...3).map { String(Hexadecimal.encode(Self.hash("dkim\($0)", domain)).prefix(32)) }
    }

    /// Returns `Success` for a domain that was requested.
    package func identityStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        if requested.withLock({ $0.contains(domain) }) { return .success }
        return try await wasRequested(domain) ? .success : .notStarted
    }

    /// Returns `Success` for a domain that was requested.
    package func dkimStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        try await identityStatus(of: domain)
    }

    /// Returns the tokens of a domain that was requested.
    package func identity(of domain: DomainName) async throws(SESError) -> DomainIdentity {
        guard try await identityStatus(of: domain) == .success else { return DomainIdentity(verificationToken: nil, dkimTokens: []) }
        return DomainIdentity(verificationToken: verifyDomainIdentity(domain), dkimTokens: verifyDomainDKIM(domain))
    }

    /// Verifies the address at once; no link is mailed.
    package func verifyEmailIdentity(_ address: EmailAddress) {
        requestedAddresses.withLock { _ = $0.insert(address) }
    }

    /// Returns `Success` for the addresses that were requested.
    package func identityStatuses(of addresses: [EmailAddress]) async throws(SESError) -> [EmailAddress: SESVerification.Status] {
        var statuses: [EmailAddress: SESVerification.Status] = [:]
        for address in addresses {
            let isKnown = requestedAddresses.withLock { $0.contains(address) }
            if isKnown { statuses[address] = .success } else if try await senderWasRequested(address) { statuses[address] = .success }
        }
        return statuses
    }

    /// Deletes the domain.
    package func deleteIdentity(_ domain: DomainName) {
        requested.withLock { _ = $0.remove(domain) }
    }

    /// Deletes the address.
    package func deleteIdentity(_ address: EmailAddress) {
        requestedAddresses.withLock { _ = $0.remove(address) }
    }

    private static func hash(_ purpose: String, _ domain: DomainName) -> [UInt8] {
        Array(SHA256.hash(data: Array("\(purpose):\(domain)".utf8)))
    }
}
