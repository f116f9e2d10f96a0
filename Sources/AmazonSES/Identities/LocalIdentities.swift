import Crypto
package import MailModel
import Synchronization

/// Stands in for SES's identity calls with the `capture` transport (specification 3.7): records at once, `Success` at the next status
/// check, and no AWS account. No link is mailed either: an address that was asked for is verified.
///
/// The tokens are hashes of the domain, so that they stay the same over restarts as SES's do. Which domains and addresses were asked for
/// since the start is kept in memory. After a restart only the database knows the earlier ones: it is asked by `wasRequested`, because a
/// `NotStarted` would take a domain's verification away.
package final class LocalIdentities: SESIdentities {
    private let requested = Mutex<Set<DomainName>>([])
    private let requestedAddresses = Mutex<Set<EmailAddress>>([])
    private let wasRequested: @Sendable (DomainName) async throws(SESError) -> Bool
    private let senderWasRequested: @Sendable (EmailAddress) async throws(SESError) -> Bool

    /// - Parameters:
    ///   - wasRequested: whether the database has a request for the domain (``SESVerification/requestedAt``).
    ///   - senderWasRequested: whether it has one for the address (``Sender/requestedAt``).
    package init(
        wasRequested: @escaping @Sendable (DomainName) async throws(SESError) -> Bool,
        senderWasRequested: @escaping @Sendable (EmailAddress) async throws(SESError) -> Bool
    ) {
        self.wasRequested = wasRequested
        self.senderWasRequested = senderWasRequested
    }

    package func verifyDomainIdentity(_ domain: DomainName) -> String {
        requested.withLock { _ = $0.insert(domain) }
        return Base64.encoded(Self.hash("identity", domain))
    }

    package func verifyDomainDKIM(_ domain: DomainName) -> [String] {
        requested.withLock { _ = $0.insert(domain) }
        return (1...3).map { String(hexadecimal(Self.hash("dkim\($0)", domain)).prefix(32)) }
    }

    package func identityStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        if requested.withLock({ $0.contains(domain) }) { return .success }
        return try await wasRequested(domain) ? .success : .notStarted
    }

    package func dkimStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        try await identityStatus(of: domain)
    }

    package func identity(of domain: DomainName) async throws(SESError) -> DomainIdentity {
        guard try await identityStatus(of: domain) == .success else { return DomainIdentity(verificationToken: nil, dkimTokens: []) }
        return DomainIdentity(verificationToken: verifyDomainIdentity(domain), dkimTokens: verifyDomainDKIM(domain))
    }

    package func verifyEmailIdentity(_ address: EmailAddress) {
        requestedAddresses.withLock { _ = $0.insert(address) }
    }

    package func identityStatuses(of addresses: [EmailAddress]) async throws(SESError) -> [EmailAddress: SESVerification.Status] {
        var statuses: [EmailAddress: SESVerification.Status] = [:]
        for address in addresses {
            let isKnown = requestedAddresses.withLock { $0.contains(address) }
            if isKnown { statuses[address] = .success } else if try await senderWasRequested(address) { statuses[address] = .success }
        }
        return statuses
    }

    package func deleteIdentity(_ address: EmailAddress) {
        requestedAddresses.withLock { _ = $0.remove(address) }
    }

    private static func hash(_ purpose: String, _ domain: DomainName) -> [UInt8] {
        Array(SHA256.hash(data: Array("\(purpose):\(domain)".utf8)))
    }
}
