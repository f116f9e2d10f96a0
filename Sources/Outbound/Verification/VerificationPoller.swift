import AmazonSES
package import Logging
import MailModel
import Periodic
package import Storage

/// Asks SES in the background about domains and senders whose verification is pending, and once a day about the verified ones: SES revokes
/// a verification when the records are removed from the DNS.
///
/// SES allows about one call a second per AWS account and a check takes two. Checks are therefore at least ``pace`` apart, and made by one
/// node at a time.
package struct VerificationPoller: PeriodicService {
    private let store: Store
    private let service: VerificationService
    private let senders: SenderService
    private let cleanup: IdentityCleanup
    private let logger: Logger
    private let pause: @Sendable (Duration) async throws -> Void
    private let lease: JobLease

    static let interval = Duration.seconds(30)
    static let pace = Duration.seconds(3)
    /// The maximum of pending, of verified and of given up domains in one round.
    static let batch = (waiting: 20, verified: 5, given: 5)
    private static let recheckAfter = Duration.seconds(24 * 3600)

    /// - Parameters:
    ///   - service: checks the domains.
    ///   - senders: checks the senders.
    ///   - cleanup: deletes the identities of domains that were given up.
    ///   - logger: takes a line for each verification that changed, and for failures.
    ///   - pause: how to wait between two checks; a test passes its own.
    package init(
        store: Store, service: VerificationService, senders: SenderService, cleanup: IdentityCleanup, logger: Logger,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.store = store
        self.service = service
        self.senders = senders
        self.cleanup = cleanup
        self.logger = logger
        self.pause = pause
        lease = store.lease(of: .pollVerification)
    }

    /// Asks about the domains that are due, one after the other, and about the senders that are due, all at once.
    ///
    /// - Returns: the time until the next round.
    @discardableResult
    package func round() async throws -> Duration {
        guard await renewLease() else { return Self.interval }
        do {
            try await checkDue()
            await lease.release()
        } catch {
            await lease.release()
            throw error
        }
        return Self.interval
    }

    private func checkDue() async throws {
        let domains = await dueDomains()
        for (index, domain) in domains.enumerated() {
            if index > 0 { try await pause(Self.pace) }
            guard await renewLease(), await check(domain) else { return }
        }
        let due = await dueSenders()
        if !due.isEmpty {
            if !domains.isEmpty { try await pause(Self.pace) }
            await check(due)
        }
        try await removeIdentities(isFirst: domains.isEmpty && due.isEmpty)
    }

    /// Deletes identities of domains that were given up.
    ///
    /// What SES refuses is tried again in a later round.
    private func removeIdentities(isFirst: Bool) async throws {
        let domains = (try? await cleanup.due(limit: Self.batch.given)) ?? []
        for (index, domain) in domains.enumerated() {
            if !isFirst || index > 0 { try await pause(Self.pace) }
            guard await renewLease() else { return }
            await cleanup.removeNow(domain)
        }
    }

    /// Acquires or renews the lease of this job.
    ///
    /// - Returns: whether this node has it.
    private func renewLease() async -> Bool {
        do {
            return try await lease.step { _ in true } ?? false
        } catch {
            logger.warning("The lease of the verification poll is not known", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func dueDomains() async -> [SendingDomain] {
        do {
            return try await store.read { tx in
                try tx.domains.listAwaitingVerification(checkedBefore: tx.now - Self.interval, limit: Self.batch.waiting)
                    + tx.domains.listVerified(checkedBefore: tx.now - Self.recheckAfter, limit: Self.batch.verified)
            }
        } catch {
            logger.warning("Domains with a pending verification not read", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func dueSenders() async -> [Sender] {
        do {
            return try await store.read { tx in
                let waiting = try tx.senders.listAwaitingVerification(
                    checkedBefore: tx.now - Self.interval, limit: SenderService.batch)
                let free = SenderService.batch - waiting.count
                return try waiting + tx.senders.listVerified(checkedBefore: tx.now - Self.recheckAfter, limit: free)
            }
        } catch {
            logger.warning("Senders with a pending verification not read", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func check(_ due: [Sender]) async {
        do {
            for sender in try await senders.check(due) {
                logger.notice(
                    "Verification changed", metadata: ["sender.id": "\(sender.id)", "sender.status": "\(sender.status.rawValue)"])
            }
        } catch {
            logger.warning("The status of senders is not known", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: whether to go on with further domains in this round.
    private func check(_ domain: SendingDomain) async -> Bool {
        let name: Logger.MetadataValue = "\(domain.name)"
        do {
            let status = try await service.check(domain)
            if status.isVerified != domain.verification.isVerified {
                logger.notice("Verification changed", metadata: ["domain.name": name, "domain.verified": "\(status.isVerified)"])
            }
            return true
        } catch let error as SESError {
            logger.warning("SES did not return the status of a domain", metadata: ["domain.name": name, "ses.code": "\(error.code)"])
            guard error.outcome == .permanent else { return false }
            return (try? await service.recordFailedCheck(of: domain)) != nil
        } catch is Refusal {
            // Deleted meanwhile.
            return true
        } catch {
            logger.warning("The status of a domain is not stored", metadata: ["domain.name": name, "error": "\(error)"])
            // Where the database is available, the failure concerns this domain only.
            return (error as? StorageError)?.isTemporary != true
        }
    }
}
