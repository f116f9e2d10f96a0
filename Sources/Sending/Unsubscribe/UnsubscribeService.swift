public import MailModel
public import Storage

/// Lets a recipient unsubscribe from a sender by the link in an email (contract section 4, RFC 8058).
///
/// Looking at a link changes nothing: mail scanners follow every link they see.
public final class UnsubscribeService: Sendable {
    /// What the page tells: who wrote to whom.
    public struct Invitation: Sendable, Equatable {
        public var sender: EmailAddress
        public var recipient: EmailAddress
    }

    private let store: Store
    private let links: UnsubscribeLinks

    public init(store: Store, links: UnsubscribeLinks) {
        self.store = store
        self.links = links
    }

    /// What a link is about; `nil` for a token that was not made here.
    public func invitation(token: String) async throws -> Invitation? {
        guard let id = links.email(of: token) else { return nil }
        return try await store.read { try $0.email(id) }.map { Invitation(sender: $0.sender, recipient: $0.recipient) }
    }

    /// Suppresses the recipient for the sender of the email; a second time changes nothing.
    ///
    /// - Returns: what was done; `nil` for a token that was not made here.
    public func unsubscribe(token: String) async throws -> Invitation? {
        guard let id = links.email(of: token) else { return nil }
        return try await store.write { context in
            guard let email = try context.emailState(id) else { return nil }
            try context.suppress(
                email.recipient, accountID: email.accountID, sender: email.sender, reason: .unsubscribe, note: "by the link of email \(id)")
            return Invitation(sender: email.sender, recipient: email.recipient)
        }
    }
}
