package import MailModel
package import Storage

/// Finds sent emails for their senders; a customer sees only its own.
package final class SentEmails: Sendable {
    let store: Store
    private let messages: MessageSource
    private let mask: LinkMask
    private let masterSeesLinks: Bool

    /// Creates the service.
    ///
    /// - Parameters:
    ///   - mask: hides the links of recipients in what is shown.
    ///   - masterSeesLinks: whether the master is shown them: with the capture transport, where nobody else gets the messages.
    package init(store: Store, messages: MessageSource, mask: LinkMask, masterSeesLinks: Bool) {
        self.store = store
        self.messages = messages
        self.mask = mask
        self.masterSeesLinks = masterSeesLinks
    }

    /// What hides the recipient's links from a principal (specification 5.10); `nil` where they are shown.
    private func mask(for principal: Principal) -> LinkMask? {
        principal.may(.emailsLinks) && masterSeesLinks ? nil : mask
    }

    /// An email and what happened to it.
    package struct Found: Sendable {
        /// The email, with its texts.
        package var email: Email
        /// Its events, oldest first.
        package var timeline: [TimelineEntry]
        /// The present statuses of its copies; empty where it is a copy itself.
        package var copies: [EmailID: EmailStatus]
    }

    /// Returns an email with its timeline; `nil` when there is no such email, or it is another account's.
    ///
    /// The links by which the recipient acts are hidden in it.
    package func email(_ id: EmailID, by principal: Principal) async throws -> Found? {
        guard var found = try await find(id, by: principal) else { return nil }
        found.email = try await messages.readable(found.email)
        if let mask = mask(for: principal) {
            found.email = mask.masked(found.email)
            found.timeline = found.timeline.map(mask.masked)
        }
        return found
    }

    private func find(_ id: EmailID, by principal: Principal) async throws -> Found? {
        try await store.read { tx in
            guard let email = try tx.emails.find(id), principal.mayAccess(account: email.accountID) else { return nil }
            return Found(email: email, timeline: try tx.timeline.list(of: email), copies: try tx.emails.statuses(of: email.ownCopies))
        }
    }

    /// Returns a page of emails, newest first, without their texts.
    ///
    /// - Parameters:
    ///   - account: the account whose emails the master asks for; `nil` for all accounts.
    ///   - after: where the page begins, as the page before says; `nil` for the first page.
    package func emails(
        matching filter: EmailFilter, by principal: Principal, of account: Int64? = nil, after: EmailID?, limit: Int
    ) async throws -> EmailPage {
        try await store.read { tx in
            try tx.emails.page(matching: filter, of: principal.accountID ?? account, after: after, limit: limit)
        }
    }

    /// Returns what the recipient reads; HTML without scripts, links and remote content, and the recipient's links hidden.
    package func preview(of email: Email, by principal: Principal) -> (text: String, html: String?) {
        messages.preview(of: email, mask: mask(for: principal))
    }

    /// Returns the message in its wire form, composed anew from what is stored; `nil` when there is no such email, or it is another
    /// account's.
    ///
    /// The links by which the recipient acts are hidden in it.
    package func source(of id: EmailID, by principal: Principal) async throws -> [UInt8]? {
        guard let found = try await find(id, by: principal), !found.email.content.isDropped else { return nil }
        return try await messages.withMessage(of: found.email, mask: mask(for: principal)) { $0 }
    }
}
