public import MailModel
import Storage

extension Submission {
    /// Takes back an email that still waits for its `sendAt`.
    ///
    /// - Returns: what it is now: anything but `CANCELLED` means that it is too late. `nil` when there is none, or it is another account's.
    public func cancel(_ id: EmailID, by principal: Principal) async throws -> EmailStatus? {
        guard let email = try await store.read({ try $0.email(id) }), principal.mayAccess(account: email.accountID) else { return nil }
        return try await store.write(.email(id, domain: email.sender.domain)) { context in
            let status = try context.cancel(id, explanation: "Cancelled by \(principal.operatorName).")
            return status == .scheduled ? .cancelled : status
        }
    }
}
