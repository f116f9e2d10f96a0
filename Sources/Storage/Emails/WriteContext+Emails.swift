import Database
package import MailModel

extension WriteContext {
    /// Keeps a new email.
    ///
    /// - Parameters:
    ///   - dueAt: when it is to be sent; `nil` for one that is not.
    ///   - explanation: why it is not, for its timeline.
    package func insert(_ email: Email, dueAt: Timestamp?, explanation: String? = nil) throws {
        try transaction.add(
            [
                .id(email.id), .integer(email.accountID), .integer(email.domainID ?? 0), .text(email.operatorName),
                .text(email.sender.description), .text(email.recipient.description), .text(email.status.rawValue),
                .text(email.externalID), .text(email.clientID), .timestamp(email.createdAt), .timestamp(email.updatedAt), .integer(0),
                .timestamp(dueAt), dueAt == nil ? .null : .text(Work.ready.rawValue), .text(EmailRow.stored(email.content.callbacks)),
                .integer(countAccepted(email).rawValue), .integer(email.content.byteCount),
            ], by: Self.emails)
        try insert(email.content, of: email)
        if let dueAt, dueAt <= now { wakeups.insert(.emails) }
        if email.status != .queued {
            let entry = TimelineEntry(email.status, at: email.createdAt, explanation: explanation)
            try append(entry, to: email.id)
            try tell(
                email.status, after: nil, entry: entry, of: email.id, accountID: email.accountID, callbacks: email.content.callbacks)
        }
    }

    private func insert(_ content: EmailContent, of email: Email) throws {
        // The text of a copy stands with the email that it is a copy of.
        let isCopy = email.copyOf != nil
        try transaction.add(
            [
                .id(email.id), .text(content.subject), .text(isCopy ? "" : content.text), .text(isCopy ? nil : content.html),
                .text(content.alias), .text(content.unsubscribeText), .text(email.extras),
            ], by: Self.contents)
        for tag in Set(content.tags) {
            try transaction.add([.integer(email.accountID), .text(tag), .id(email.id)], by: Self.tags)
        }
    }

    private static let emails = Insertion(
        into: "emails",
        [
            "id", "account_id", "domain_id", "operator", "sender", "recipient", "status", "external_id", "client_id", "created_at",
            "updated_at", "attempts", "due_at", "work", "callbacks", "reported",
            "content_bytes",
        ])
    private static let contents = Insertion(
        into: "email_contents", ["id", "subject", "body", "html", "alias", "unsubscribe_text", "extras"])
    private static let tags = Insertion(into: "email_tags", ["account_id", "tag", "email_id"])
}
