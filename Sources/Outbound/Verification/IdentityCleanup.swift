package import AmazonSES
package import Logging
import MailModel
package import Storage

/// Deletes the identities at SES that Martlet made for domains which were given up since (specification 3.11).
///
/// That an identity is to be deleted is stored with the domain, so that what fails is tried again by ``VerificationPoller``. An identity that another claim
/// needs passes to it.
package struct IdentityCleanup: Sendable {
    private let store: Store
    private let identities: any SESIdentities
    private let logger: Logger

    /// - Parameters:
    ///   - identities: the identities at SES.
    ///   - logger: takes a line for each identity that could not be deleted.
    package init(store: Store, identities: any SESIdentities, logger: Logger) {
        self.store = store
        self.identities = identities
        self.logger = logger
    }

    /// Returns domains whose identity is to be deleted.
    func due(limit: Int) async throws -> [SendingDomain] {
        try await store.read { try $0.domains.listLeftOverIdentities(limit: limit) }
    }

    /// Deletes the identity of a domain that was given up, unless somebody else made it or another claim needs it.
    ///
    /// - Throws: `SESError`, and storage's errors. It is tried again then.
    func remove(_ domain: SendingDomain) async throws {
        guard domain.ownership.identity == .made else { return }
        let isLeftOver = try await store.write { try ForgetIdentity(domain: domain, isDeleted: false).run(in: $0) }
        guard isLeftOver else { return }
        try await identities.deleteIdentity(domain.name)
        _ = try await store.write { try ForgetIdentity(domain: domain, isDeleted: true).run(in: $0) }
    }

    /// As ``remove(_:)``, for the caller who deletes the domain: a failure is logged, not thrown.
    func removeNow(_ domain: SendingDomain) async {
        do {
            try await remove(domain)
        } catch {
            logger.warning(
                "SES has not deleted the identity of a deleted domain yet",
                metadata: ["domain.name": "\(domain.name)", "error": "\(error)"])
        }
    }
}
