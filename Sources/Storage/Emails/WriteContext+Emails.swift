import Database
public import MailModel

extension WriteContext {
    /// Keeps a new email.
    ///
    /// - Parameters:
    ///   - dueAt: when it is to be sent; `nil` for one that is not.
    ///   - explanation: why it is not, for its timeline.
    public func insert(_ email: Email, dueAt: Timestamp?, explanation: String? = nil) throws {
        try transaction.add(
            [
                .id(email.id), .integer(email.accountID), .integer(email.domainID ?? 0), .text(email.operatorName),
                .text(email.sender.description), .text(email.recipient.description), .text(email.status.rawValue),
                .text(email.externalID), .text(email.clientID), .timestamp(email.createdAt), .timestamp(email.updatedAt), .integer(0),
                .timestamp(dueAt), dueAt == nil ? .null : .text(Work.ready.rawValue), .text(EmailRow.stored(email.content.callbacks)),
                .integer(countAccepted(email).rawValue),
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
        ])
    private static let contents = Insertion(
        into: "email_contents", ["id", "subject", "body", "html", "alias", "unsubscribe_text", "extras"])
    private static let tags = Insertion(into: "email_tags", ["account_id", "tag", "email_id"])

    /// What an idempotency key was used for lately; `nil` when it is free.
    public func use(ofIdempotencyKey key: String, accountID: Int64, within age: Duration) throws -> (
        fingerprint: [UInt8], emailID: EmailID
    )? {
        try transaction.first(
            "SELECT fingerprint, email_id FROM idempotency_keys WHERE account_id = ?1 AND key = ?2 AND created_at > ?3",
            [.integer(accountID), .text(key), .timestamp(now - age)]
        ) { ($0.blob(0), try $0.emailID(1)) }
    }

    /// Remembers that an email is accepted under an idempotency key.
    ///
    /// - Parameters:
    ///   - fingerprint: of the request: the same key for another request is a conflict.
    ///   - age: how long a key is in use.
    /// - Returns: false when the key is in use: another node may have accepted an email under it at the same time.
    public func keepIdempotencyKey(
        _ key: String, accountID: Int64, fingerprint: [UInt8], emailID: EmailID, within age: Duration
    ) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO idempotency_keys (account_id, key, fingerprint, email_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (account_id, key) DO UPDATE SET fingerprint = ?3, email_id = ?4, created_at = ?5
            WHERE idempotency_keys.created_at <= ?6
            """,
            [.integer(accountID), .text(key), .blob(fingerprint), .id(emailID), .timestamp(now), .timestamp(now - age)]) == 1
    }
}
