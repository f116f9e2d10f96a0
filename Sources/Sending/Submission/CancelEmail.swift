package import MailModel
import Storage

extension Submission {
    /// Cancels an email that still waits for its `sendAt`, and its copies with it; a copy can also be cancelled alone.
    ///
    /// - Returns: the email's status afterwards: anything but `CANCELLED` means that it is too late. `nil` when there is no such email, or
    ///   it is another account's.
    package func cancel(_ id: EmailID, by principal: Principal) async throws -> EmailStatus? {
        guard let email = try await store.read({ try $0.emails.find(id) }), principal.mayAccess(account: email.accountID) else {
            return nil
        }
        let command = CancelEmail(email: email, operatorName: principal.operatorName)
        return try await store.write(.email(id, domain: email.sender.domain)) { tx in try command.run(in: tx) }
    }
}

/// Cancels a scheduled email and its copies in a transaction.
struct CancelEmail: Sendable {
    var email: Email
    /// Who cancels it, for the timeline.
    var operatorName: String

    func run(in tx: Transaction) throws -> EmailStatus? {
        let explanation = "Cancelled by \(operatorName)."
        let status = try tx.queue.cancel(email.id, explanation: explanation)
        guard status == .scheduled else { return status }
        for copy in email.ownCopies { _ = try tx.queue.cancel(copy.id, explanation: explanation) }
        return .cancelled
    }
}
