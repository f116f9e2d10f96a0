package import AmazonSES
package import Logging
package import MailModel
package import Storage

/// Single addresses to write from, verified through SES (specification 9.5).
///
/// SES verifies an address once for the whole AWS account, so an address belongs to one of our accounts at a time, and what SES already
/// believes is no proof of whoever asks: such a request waits for the master. Throws ``OutboundError`` for what the caller did wrong and
/// `SESError` for what SES refused; nothing has changed then.
package final class SenderService: Sendable {
    /// More senders than this have no use for an account; each costs SES's attention every day.
    static let maximumPerAccount = 1000
    /// What `GetIdentityVerificationAttributes` takes at once.
    static let batch = 100
    /// How long SES's word is good for those who look.
    private static let freshness = Duration.seconds(5)

    let store: Store
    private let identities: any SESIdentities
    private let approval: SenderApproval
    private let logger: Logger
    private let asking = SingleFlight<EmailAddress, Result<Asked, any Error>>()
    private let checking = SingleFlight<Int64, Void>()

    package init(store: Store, identities: any SESIdentities, approval: SenderApproval, logger: Logger) {
        self.store = store
        self.identities = identities
        self.approval = approval
        self.logger = logger
    }

    /// Asks for an address. One that the account has already is answered as it stands; SES mails its link again for one that waits or failed.
    package func request(_ text: String, by principal: Principal) async throws -> Sender {
        let address = try valid(text)
        let known = try await store.read { try $0.claim(on: address, by: principal) }.get()
        if let known, !known.mayBeAskedFor(at: store.now) { return known }
        let asked = approval == .automatic ? try await ask(address) : .nothing
        return try await store.write { try $0.note(asked, of: address, by: principal) }.get()
    }

    /// Senders, newest first, with what SES says of those on the page that wait for it; stale where SES does not answer.
    ///
    /// - Parameters:
    ///   - account: whose senders the master looks at; `nil` for all.
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

    /// Gives up an address. What SES verified for the account is deleted there too: the next to ask needs a proof of its own.
    package func delete(_ text: String, by principal: Principal) async throws {
        var isDeleted = false
        // Again where SES was asked for the address in the meantime: its identity is the account's by then, and goes too.
        while !isDeleted {
            let sender = try await store.read { try $0.sender(text, for: principal) }.get()
            if sender.requestedAt != nil { try await identities.deleteIdentity(sender.address) }
            isDeleted = try await store.write { try $0.delete(sender) }
        }
    }

    /// Lets an address that waits for the master go on: at once where SES has verified it already, else by SES's link.
    package func approve(_ text: String) async throws -> Sender {
        let sender = try await store.read { try $0.sender(text, for: .master) }.get()
        guard sender.status == .requested || sender.status == .failed else { return sender }
        let asked = try await ask(sender.address)
        return try await store.write { context -> Result<Sender, OutboundError> in
            guard var current = try context.lockedSender(sender.address), current.id == sender.id else { return .failure(.unknownSender) }
            // Another call was faster.
            guard current.status == sender.status, current.requestedAt == sender.requestedAt else { return .success(current) }
            current.request(at: context.now)
            if asked == .alreadyVerified {
                current.requestedAt = nil
                current.update(.success, at: context.now)
            }
            try context.save(current)
            return .success(current)
        }.get()
    }

    /// Asks SES about senders, at most ``batch``, and stores what it says.
    ///
    /// - Returns: those whose status changed.
    func check(_ senders: [Sender]) async throws -> [Sender] {
        let words = try await identities.identityStatuses(of: senders.map(\.address))
        return try await store.write { context in
            // In one order: two nodes then never wait for each other.
            try senders.sorted { $0.id < $1.id }.compactMap { sender in
                // Deleted, asked for again or checked by others while SES was asked: its word was about the time before.
                guard var current = try context.lockedSender(sender.address), current.id == sender.id,
                    current.requestedAt == sender.requestedAt, current.checkedAt == sender.checkedAt
                else { return nil }
                current.update(words[sender.address] ?? .notStarted, at: context.now)
                try context.save(current)
                return current.status == sender.status ? nil : current
            }
        }
    }

    /// Has SES mail its link, unless it knows the address as verified. Those who ask for one address at the same time share the answer.
    private func ask(_ address: EmailAddress) async throws -> Asked {
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
        try await store.read { context -> Result<[Sender], OutboundError> in
            let account = principal.accountID ?? account
            guard let after else { return .success(try context.senders(of: account, after: nil, limit: limit)) }
            guard case .success(let last) = try context.sender(after, for: principal) else {
                return .failure(.invalid("after", "expected the address of a sender of the list"))
            }
            return .success(try context.senders(of: account, after: last.id, limit: limit))
        }.get()
    }

    private func valid(_ text: String) throws -> EmailAddress {
        do throws(EmailAddress.Invalid) {
            return try EmailAddress(text)
        } catch {
            throw OutboundError.invalid("email", error.description)
        }
    }
}

/// What asking SES for an address led to.
enum Asked: Sendable {
    /// SES was not asked.
    case nothing
    /// SES mailed its link.
    case mailed
    /// SES had verified the address before.
    case alreadyVerified
}
