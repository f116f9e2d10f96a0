package import MailModel
package import Storage

/// Looks up what was sent; a customer sees only its own.
package final class SentEmails: Sendable {
    private let store: Store
    private let messages: MessageSource

    package init(store: Store, messages: MessageSource) {
        self.store = store
        self.messages = messages
    }

    /// An email, and what happened to it.
    package struct Found: Sendable {
        package var email: Email
        package var timeline: [TimelineEntry]
        /// What became of its copies so far; nothing where it is one itself.
        package var copies: [EmailID: EmailStatus]
    }

    /// An email with its timeline; `nil` when there is none, or it is another account's.
    package func email(_ id: EmailID, by principal: Principal) async throws -> Found? {
        try await store.read { context in
            guard let email = try context.email(id), principal.mayAccess(account: email.accountID) else { return nil }
            return Found(email: email, timeline: try context.timeline(of: email), copies: try context.statuses(of: email.ownCopies))
        }
    }

    /// Emails, newest first, behind `after`.
    ///
    /// - Parameter account: whose emails the master looks at; `nil` for all.
    package func emails(
        matching filter: EmailFilter, by principal: Principal, of account: Int64? = nil, after: EmailID?, limit: Int
    ) async throws -> [Email] {
        try await store.read { context in
            try context.emails(matching: filter, of: principal.accountID ?? account, after: after, limit: limit)
        }
    }

    /// What the recipient reads, harmless to look at.
    package func preview(of email: Email) -> (text: String, html: String?) {
        messages.preview(of: email)
    }

    /// The message in its wire form: composing is a function of what is stored, so nothing else has to be kept.
    package func source(of id: EmailID, by principal: Principal) async throws -> [UInt8]? {
        guard let found = try await email(id, by: principal) else { return nil }
        return try await messages.withMessage(of: found.email) { $0 }
    }
}
