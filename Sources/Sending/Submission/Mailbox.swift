public import MailModel
public import Storage

/// Looks up what was sent; a customer sees only its own.
public final class Mailbox: Sendable {
    private let store: Store
    private let composer: MessageComposer

    public init(store: Store, composer: MessageComposer) {
        self.store = store
        self.composer = composer
    }

    /// An email with its timeline; `nil` when there is none, or it is another account's.
    public func email(_ id: EmailID, by principal: Principal) async throws -> (email: Email, timeline: [TimelineEntry])? {
        try await store.read { context in
            guard let email = try context.email(id), principal.mayAccess(account: email.accountID) else { return nil }
            return (email, try context.timeline(of: email))
        }
    }

    /// Emails, newest first, behind `after`.
    ///
    /// - Parameter account: whose emails the master looks at; `nil` for all.
    public func emails(
        matching filter: EmailFilter, by principal: Principal, of account: Int64? = nil, after: EmailID?, limit: Int
    ) async throws -> [Email] {
        try await store.read { context in
            try context.emails(matching: filter, of: principal.accountID ?? account, after: after, limit: limit)
        }
    }

    /// What the recipient reads, harmless to look at.
    public func preview(of email: Email) -> (text: String, html: String?) {
        composer.preview(of: email)
    }

    /// The message in its wire form: composing is a function of what is stored, so nothing else has to be kept.
    public func source(of id: EmailID, by principal: Principal) async throws -> [UInt8]? {
        guard let found = try await email(id, by: principal) else { return nil }
        return composer.compose(found.email)
    }
}
