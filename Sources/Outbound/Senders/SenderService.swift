package import AmazonSES
import Concurrency
package import Logging
package import MailModel
package import Storage

/// Single sender addresses, verified through SES (specification 9.5).
///
/// SES verifies an address once for the whole AWS account. An address therefore belongs to one of our accounts at a time, and an earlier
/// verification proves nothing about the account that requests the address now: such a request waits for the master.
///
/// Throws ``Refusal`` for a caller's mistake and `SESError` for what SES refused; nothing has changed then.
package final class SenderService: Sendable {
    /// The maximum of senders of an account: SES is asked about each of them daily.
    static let maximumPerAccount = 1000
    /// The maximum of addresses in one call of `GetIdentityVerificationAttributes`.
    static let batch = 100
    /// How long a status that SES returned counts as current in lists.
    private static let freshness = Duration.seconds(5)

    private let store: Store
    private let identities: any SESIdentities
    private let approval: SenderApproval
    private let logger: Logger
    private let asking = SingleFlight<EmailAddress, Result<SenderRequestOutcome, any Error>>()
    private let checking = SingleFlight<Int64, Void>()

    /// - Parameters:
    ///   - identities: the identities at SES.
    ///   - approval: whether SES is asked at once, or after the master's approval (`senders.approval`).
    ///   - logger: takes the failures of SES that lists do not show.
    package init(store: Store, identities: any SESIdentities, approval: SenderApproval, logger: Logger) {
        self.store = store
        self.identities = identities
        self.approval = approval
        self.logger = logger
    }

    /// Requests an address.
    ///
    /// One that the account already has is returned as it is; for one that is pending or failed, SES mails its link again.
    package func request(_ text: String, by principal: Principal) async throws -> Sender {
        let claim = SenderClaim(address: try Self.valid(text), principal: principal)
        let known = try await store.read { try claim.check(in: $0) }.get()
        if let known, !known.mayBeAskedFor(at: store.now) { return known }
        let waits = try await store.read { try claim.isOfGivenUpDomain(in: $0) }
        let outcome = approval == .automatic && !waits ? try await ask(claim.address) : .notAsked
        let command = RequestSender(claim: claim, outcome: outcome)
        return try await store.write { try command.run(in: $0) }.get()
    }

    /// Returns senders, newest first.
    ///
    /// The status of those that are pending is asked of SES first; where SES does not answer it may be outdated.
    ///
    /// - Parameters:
    ///   - account: only this account's senders, for the master; `nil` for all.
    ///   - after: begin behind the sender with this address.
    package func list(by principal: Principal, of account: Int64? = nil, after: String?, limit: Int) async throws -> [Sender] {
        let found = try await page(by: principal, of: account, after: after, limit: limit)
        let waiting = found.filter { sender in
            sender.status == .pending && sender.checkedAt.map { store.now - $0 >= Self.freshness } ?? true
        }.prefix(Self.batch)
        guard !waiting.isEmpty else { return found }
        await checking.run(principal.accountID ?? account ?? 0) { [logger] in
            do {
                _ = try await self.check(Array(waiting))
            } catch {
                logger.warning("The status of senders is not known", metadata: ["error": "\(error)"])
            }
        }
        return try await page(by: principal, of: account, after: after, limit: limit)
    }

    /// Deletes a sender.
    ///
    /// The identity that SES verified for the account is deleted there too, so that the next account has to prove the address.
    package func delete(_ text: String, by principal: Principal) async throws {
        let owned = OwnedSender(address: text, principal: principal)
        var isDeleted = false
        // Repeated where SES was asked for the address meanwhile: its identity then belongs to the account, and has to be deleted too.
        while !isDeleted {
            let sender = try await store.read { try owned.find(in: $0) }.get()
            if sender.requestedAt != nil { try await identities.deleteIdentity(sender.address) }
            isDeleted = try await store.write { tx in
                guard try tx.senders.delete(sender) else { return false }
                try tx.audit.insert(sender.deletion, by: .principal(principal))
                return true
            }
        }
    }

    /// Approves an address that waits for the master: it is verified at once where SES has verified it already, otherwise by SES's link.
    package func approve(_ text: String, by principal: Principal) async throws -> Sender {
        let sender = try await store.read { try OwnedSender(address: text, principal: principal).find(in: $0) }.get()
        guard sender.status == .requested || sender.status == .failed else { return sender }
        let command = ApproveSender(sender: sender, outcome: try await ask(sender.address), principal: principal)
        return try await store.write { try command.run(in: $0) }.get()
    }

    /// Asks SES about senders, at most ``batch``, and stores the statuses.
    ///
    /// - Returns: the senders whose status changed.
    func check(_ senders: [Sender]) async throws -> [Sender] {
        let statuses = try await identities.identityStatuses(of: senders.map(\.address))
        let command = UpdateSenderStatuses(senders: senders, statuses: statuses)
        return try await store.write { try command.run(in: $0) }
    }

    /// Has SES mail its link, unless it knows the address as verified.
    ///
    /// Simultaneous requests for one address share one attempt.
    private func ask(_ address: EmailAddress) async throws -> SenderRequestOutcome {
        try await asking.run(address) { [identities] in
            do {
                if try await identities.identityStatuses(of: [address])[address] == .success { return .success(.alreadyVerified) }
                try await identities.verifyEmailIdentity(address)
                return .success(.mailed)
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private func page(by principal: Principal, of account: Int64?, after: String?, limit: Int) async throws -> [Sender] {
        try await store.read { tx -> Result<[Sender], Refusal> in
            let account = principal.accountID ?? account
            guard let after else { return .success(try tx.senders.list(of: account, after: nil, limit: limit)) }
            guard case .success(let last) = try OwnedSender(address: after, principal: principal).find(in: tx) else {
                return .failure(.invalid("after", "expected the address of a sender of the list"))
            }
            return .success(try tx.senders.list(of: account, after: last.id, limit: limit))
        }.get()
    }

    private static func valid(_ text: String) throws(Refusal) -> EmailAddress {
        do throws(EmailAddress.Invalid) {
            return try EmailAddress(text)
        } catch {
            throw .invalid("email", error.description)
        }
    }
}
