package import MailModel
package import Storage

/// Lets a recipient unsubscribe by the link in an email, and subscribe again (specification 5.4, RFC 8058).
///
/// Looking at a link changes nothing: mail scanners follow every link they see.
package final class UnsubscribeService: Sendable {
    /// What the page tells: who wrote to whom, and what the recipient has said to it.
    package struct Invitation: Sendable, Equatable {
        package var sender: EmailAddress
        package var recipient: EmailAddress
        /// From whom the recipient has unsubscribed; `nil` from nobody.
        package var unsubscribed: SuppressionEntry.Scope?

        package init(sender: EmailAddress, recipient: EmailAddress, unsubscribed: SuppressionEntry.Scope?) {
            self.sender = sender
            self.recipient = recipient
            self.unsubscribed = unsubscribed
        }
    }

    /// What there is to a link.
    package enum Finding: Sendable, Equatable {
        case invitation(Invitation)
        /// The recipient has just subscribed again.
        case resubscribed(Invitation)
        /// The link was ours, and is too old.
        case expired
        /// The link was not made here, or its email is not known any more.
        case unknown
    }

    private let store: Store
    private let links: UnsubscribeLinks

    package init(store: Store, links: UnsubscribeLinks) {
        self.store = store
        self.links = links
    }

    /// What a link is about.
    package func look(at token: String) async throws -> Finding {
        switch links.email(of: token, at: store.now) {
        case .valid(let id): try await store.read { try $0.unsubscribeFinding(id) }
        case .expired: .expired
        case nil: .unknown
        }
    }

    /// Suppresses the recipient for the sender of the email, or for the whole account; a second time changes nothing.
    package func unsubscribe(token: String, from scope: SuppressionEntry.Scope = .sender) async throws -> Finding {
        try await change(token) { context, email in
            let entry = SuppressionEntry(
                address: email.recipient, sender: scope == .sender ? email.sender : nil, reason: .unsubscribe,
                note: "by the link of email \(email.id)")
            guard try context.suppress(entry, accountID: email.accountID, source: .link) else { return }
            let words = scope == .sender ? "from this sender" : "from all senders of the account"
            try context.note("UNSUBSCRIBED", "The recipient has unsubscribed \(words).", on: email)
        }
    }

    /// Takes back what the recipient has said by a link, to this sender or to all of the account. A bounce or a complaint stays.
    package func resubscribe(token: String) async throws -> Finding {
        let finding = try await change(token) { context, email in
            var hasChanged = false
            for sender in [email.sender, nil] {
                let found = try context.suppression(of: email.recipient, sender: sender, accountID: email.accountID)
                guard let found, found.entry.reason == .unsubscribe else { continue }
                hasChanged = try context.removeSuppression(found.id, of: email.accountID, reason: .unsubscribe) != nil || hasChanged
            }
            if hasChanged { try context.note("RESUBSCRIBED", "The recipient has subscribed again.", on: email) }
        }
        if case .invitation(let invitation) = finding { return .resubscribed(invitation) }
        return finding
    }

    private func change(
        _ token: String, _ body: @escaping @Sendable (WriteContext, EmailState) throws -> Void
    ) async throws -> Finding {
        switch links.email(of: token, at: store.now) {
        case .valid(let id):
            try await store.write { context in
                if let email = try context.emailState(id) { try body(context, email) }
                return try context.unsubscribeFinding(id)
            }
        case .expired: .expired
        case nil: .unknown
        }
    }
}

extension ReadContext {
    /// How an email's link stands.
    fileprivate func unsubscribeFinding(_ id: EmailID) throws -> UnsubscribeService.Finding {
        guard let email = try email(id) else { return .unknown }
        func hasUnsubscribed(from sender: EmailAddress?) throws -> Bool {
            try suppression(of: email.recipient, sender: sender, accountID: email.accountID)?.entry.reason == .unsubscribe
        }
        let unsubscribed: SuppressionEntry.Scope? =
            try hasUnsubscribed(from: nil) ? .account : hasUnsubscribed(from: email.sender) ? .sender : nil
        return .invitation(.init(sender: email.sender, recipient: email.recipient, unsubscribed: unsubscribed))
    }
}

extension WriteContext {
    /// Writes what the recipient did into the email's timeline; the status stays.
    fileprivate func note(_ event: String, _ explanation: String, on email: EmailState) throws {
        try recordEvent(on: email.id, TimelineEntry(status: event, at: now, explanation: explanation), status: nil, settles: false)
    }
}
