import AmazonSES
package import Logging
import MailModel
package import Periodic
package import Storage

/// Asks SES in the background about the domains and senders that wait for it, and about the verified ones once a day: SES takes its word
/// back when the records are gone from the DNS.
///
/// SES allows about one call a second per AWS account and a check takes two, so there is one check in ``pace``, and one node at a time asks.
package struct VerificationPoller: PeriodicService {
    private let store: Store
    private let service: VerificationService
    private let senders: SenderService
    private let logger: Logger
    private let pause: @Sendable (Duration) async throws -> Void
    private let lease: JobLease

    static let interval = Duration.seconds(30)
    static let pace = Duration.seconds(3)
    /// How many waiting, and how many verified, domains one round asks about at the most.
    static let batch = (waiting: 20, verified: 5)
    private static let recheckAfter = Duration.seconds(24 * 3600)

    /// - Parameter pause: how to wait between two checks; a test passes its own.
    package init(
        store: Store, service: VerificationService, senders: SenderService, logger: Logger,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.store = store
        self.service = service
        self.senders = senders
        self.logger = logger
        self.pause = pause
        lease = store.lease(of: .pollVerification)
    }

    /// Asks about the domains that are due, one after the other, and about the senders that are, all at once.
    @discardableResult
    package func round() async throws -> Duration {
        guard await isOurs() else { return Self.interval }
        do {
            try await checkWhatIsDue()
            await lease.release()
        } catch {
            await lease.release()
            throw error
        }
        return Self.interval
    }

    private func checkWhatIsDue() async throws {
        let domains = await dueDomains()
        for (index, domain) in domains.enumerated() {
            if index > 0 { try await pause(Self.pace) }
            guard await isOurs(), await check(domain) else { return }
        }
        let due = await dueSenders()
        guard !due.isEmpty else { return }
        if !domains.isEmpty { try await pause(Self.pace) }
        await check(due)
    }

    /// Takes or renews the right to ask.
    private func isOurs() async -> Bool {
        do {
            return try await lease.step { _ in true } ?? false
        } catch {
            logger.warning("Nothing is known of who asks SES about verifications", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func dueDomains() async -> [SendingDomain] {
        do {
            return try await store.read { context in
                try context.domainsAwaitingVerification(checkedBefore: context.now - Self.interval, limit: Self.batch.waiting)
                    + context.verifiedDomains(checkedBefore: context.now - Self.recheckAfter, limit: Self.batch.verified)
            }
        } catch {
            logger.warning("Domains that wait for verification not read", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func dueSenders() async -> [Sender] {
        do {
            return try await store.read { context in
                let waiting = try context.sendersAwaitingVerification(
                    checkedBefore: context.now - Self.interval, limit: SenderService.batch)
                let free = SenderService.batch - waiting.count
                return try waiting + context.verifiedSenders(checkedBefore: context.now - Self.recheckAfter, limit: free)
            }
        } catch {
            logger.warning("Senders that wait for verification not read", metadata: ["error": "\(error)"])
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

    /// - Returns: false when there is no use in asking about further domains now.
    private func check(_ domain: SendingDomain) async -> Bool {
        let name: Logger.MetadataValue = "\(domain.name)"
        do {
            let status = try await service.check(domain)
            if status.isVerified != domain.verification.isVerified {
                logger.notice("Verification changed", metadata: ["domain.name": name, "domain.verified": "\(status.isVerified)"])
            }
            return true
        } catch let error as SESError {
            logger.warning("SES did not tell a domain's status", metadata: ["domain.name": name, "ses.code": "\(error.code)"])
            guard error.outcome == .permanent else { return false }
            return (try? await service.recordVainCheck(of: domain)) != nil
        } catch is OutboundError {
            // Deleted in the meantime.
            return true
        } catch {
            logger.warning("A domain's status not stored", metadata: ["domain.name": name, "error": "\(error)"])
            // Where the database answers, it is this domain's fault, and no other's.
            return (error as? StorageError)?.isTemporary != true
        }
    }
}
