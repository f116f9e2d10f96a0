package import MailModel
import Storage

extension Submission {
    /// Takes back an email that still waits for its `sendAt`, and its copies with it; a copy can be taken back alone.
    ///
    /// - Returns: what it is now: anything but `CANCELLED` means that it is too late. `nil` when there is none, or it is another account's.
    package func cancel(_ id: EmailID, by principal: Principal) async throws -> EmailStatus? {
        guard let email = try await store.read({ try $0.email(id) }), principal.mayAccess(account: email.accountID) else { return nil }
        return try await store.write(.email(id, domain: email.sender.domain)) { context in
            let words = "Cancelled by \(principal.operatorName)."
            let status = try context.cancel(id, explanation: words)
            guard status == .scheduled else { return status }
            for copy in email.ownCopies { _ = try context.cancel(copy.id, explanation: words) }
            return .cancelled
        }
    }
}
