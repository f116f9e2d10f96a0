package import MailModel
package import Storage

/// Unsubscribes a recipient by the link in an email, and subscribes it again (specification 5.4, RFC 8058).
///
/// A GET of the link changes nothing, because mail scanners open every link.
package final class UnsubscribeService: Sendable {
    /// What the page of a link shows: sender and recipient of the email, and what the recipient has unsubscribed from.
    package struct Invitation: Sendable, Equatable {
        /// The sender of the email.
        package var sender: EmailAddress
        /// Its recipient.
        package var recipient: EmailAddress
        /// Whether the recipient has unsubscribed from the sender or from the whole account; `nil` from neither.
        package var unsubscribed: SuppressionEntry.Scope?

        /// Creates the content of a page.
        package init(sender: EmailAddress, recipient: EmailAddress, unsubscribed: SuppressionEntry.Scope?) {
            self.sender = sender
            self.recipient = recipient
            self.unsubscribed = unsubscribed
        }
    }

    private let store: Store
    private let links: UnsubscribeLinks

    /// Creates the service.
    package init(store: Store, links: UnsubscribeLinks) {
        self.store = store
        self.links = links
    }

    /// Whether a token is that of a link of ours which has not expired.
    package func isLink(_ token: String) -> Bool {
        if case .valid = links.verify(token, at: store.now) { true } else { false }
    }

    /// Returns what a link leads to.
    package func status(of token: String) async throws -> UnsubscribeLinkStatus {
        switch links.verify(token, at: store.now) {
        case .valid(let id): try await store.read { try UnsubscribeLinkStatus(of: id, in: $0) }
        case .expired: .expired
        case nil: .unknown
        }
    }

    /// Suppresses the recipient of a link's email for its sender, or for the whole account.
    ///
    /// A second time changes nothing.
    ///
    /// - Returns: what the link leads to afterwards.
    package func unsubscribe(token: String, from scope: SuppressionEntry.Scope = .sender) async throws -> UnsubscribeLinkStatus {
        try await change(token) { id, tx in try Unsubscribe(emailID: id, scope: scope).run(in: tx) }
    }

    /// Deletes the suppressions that the recipient of a link's email made by a link, for its sender and for the whole account.
    ///
    /// Those for a bounce or a complaint stay.
    ///
    /// - Returns: what the link leads to afterwards.
    package func resubscribe(token: String) async throws -> UnsubscribeLinkStatus {
        let status = try await change(token) { id, tx in try Resubscribe(emailID: id).run(in: tx) }
        if case .invitation(let invitation) = status { return .resubscribed(invitation) }
        return status
    }

    private func change(
        _ token: String, _ command: @escaping @Sendable (EmailID, Transaction) throws -> UnsubscribeLinkStatus
    ) async throws -> UnsubscribeLinkStatus {
        switch links.verify(token, at: store.now) {
        case .valid(let id): try await store.write { tx in try command(id, tx) }
        case .expired: .expired
        case nil: .unknown
        }
    }
}
