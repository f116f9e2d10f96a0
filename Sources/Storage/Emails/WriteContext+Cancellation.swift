import Database
package import MailModel

extension WriteContext {
    /// Takes an email out of the queue that still waits for its `sendAt`, and gives back what it was counted for.
    ///
    /// The row is locked before it is looked at, as a claim does: of a cancellation and a claim at the same time exactly one finds it waiting.
    ///
    /// - Returns: the status before this call: anything but `SCHEDULED` means that nothing was changed. `nil` when there is no such email.
    package func cancel(_ id: EmailID, explanation: String) throws -> EmailStatus? {
        guard let email = try emailState(id) else { return nil }
        guard email.status == .scheduled else { return email.status }
        try end(id, as: .cancelled, explanation: explanation)
        try giveBack(email)
        return email.status
    }

    /// What it counted for its domain, and for its account on the day of its acceptance.
    private func giveBack(_ email: EmailState) throws {
        reputations.add(ReputationCounts(sent: -1), of: email.accountID, on: email.createdAt.day)
        guard let id = email.domainID, var domain = try domain(id) else { return }
        domain.counters.giveBack(countedAt: email.createdAt, isFrozen: try wasFrozen(domain, since: email.createdAt))
        save(domain)
    }

    private func wasFrozen(_ domain: SendingDomain, since time: Timestamp) throws -> Bool {
        try transaction.first(
            "SELECT 1 FROM frozen_counters WHERE month = ?1 AND name = ?2 AND domain_id = ?3 AND frozen_at >= ?4 LIMIT 1",
            [.integer(time.month.number), .text(domain.name.description), .integer(domain.id), .timestamp(time)]
        ) { _ in true } ?? false
    }
}
