import MailModel
import Storage

extension ReadContext {
    /// The sender of that address, if the caller may see it.
    func sender(_ address: String, for principal: Principal) throws -> Result<Sender, OutboundError> {
        guard let address = try? EmailAddress(address), let sender = try sender(address),
            principal.mayAccess(account: sender.accountID)
        else { return .failure(.unknownSender) }
        return .success(sender)
    }

    /// What the caller's account has under an address: a sender, or nothing yet.
    ///
    /// Fails where another account has the address, or its domain with SES's word for it.
    func claim(on address: EmailAddress, by principal: Principal) throws -> Result<Sender?, OutboundError> {
        let accountID = try principal.accountID ?? account(reference: Account.defaultReference)?.id
        if let sender = try (self as? WriteContext)?.lockedSender(address) ?? sender(address) {
            return sender.accountID == accountID ? .success(sender) : .failure(.takenSender)
        }
        if let domain = try domain(named: address.domain), domain.accountID != accountID, domain.verification.isVerified {
            return .failure(.takenSender)
        }
        if let accountID, try hasSenders(SenderService.maximumPerAccount, accountID: accountID) {
            return .failure(.tooManySenders)
        }
        return .success(nil)
    }
}

extension WriteContext {
    /// Stores what asking for an address led to.
    func note(_ asked: Asked, of address: EmailAddress, by principal: Principal) throws -> Result<Sender, OutboundError> {
        if let accountID = try principal.accountID ?? account(reference: Account.defaultReference)?.id {
            try lockBelongings(of: accountID)
        }
        let known: Sender?
        switch try claim(on: address, by: principal) {
        case .success(let sender): known = sender
        case .failure(let refusal): return .failure(refusal)
        }
        let accountID = try principal.accountID ?? findOrCreateAccount(reference: Account.defaultReference).id
        // Somebody was faster.
        if let known, !known.mayBeAskedFor(at: now) { return .success(known) }
        guard var sender = try known ?? createSender(address, accountID: accountID) else {
            return try note(asked, of: address, by: principal)
        }
        switch asked {
        case .mailed: sender.request(at: now)
        // The account's own link was visited in the meantime.
        case .alreadyVerified where sender.status == .pending: sender.update(.success, at: now)
        case .nothing where sender.status == .pending: break
        case .alreadyVerified, .nothing: (sender.status, sender.requestedAt) = (.requested, nil)
        }
        try save(sender)
        return .success(sender)
    }
}
