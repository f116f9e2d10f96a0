import Encoding
package import MailModel
package import Storage

extension SentEmails {
    /// What belongs to an email beside its timeline.
    package struct Related: Sendable {
        /// The entries of the account's suppression list that hold for its recipient.
        package var suppressions: [Suppression] = []
        /// Its callbacks, the latest first.
        package var callbacks: [CallbackLine] = []
    }

    /// Returns what belongs to an email that the principal was shown.
    package func related(to email: Email, by principal: Principal) async throws -> Related {
        guard principal.mayAccess(account: email.accountID) else { return Related() }
        return try await store.read { tx in
            var related = Related()
            let deliveries = try tx.callbacks.list(of: email.id).filter { $0.accountID == email.accountID }
            related.callbacks = try tx.callbacks.lines(of: deliveries)
            guard !email.recipient.isErased else { return related }
            var filter = SuppressionFilter()
            filter.address = email.recipient
            let all = try tx.suppressions.list(matching: filter, of: email.accountID, after: nil, limit: 100)
            related.suppressions = all.filter { $0.entry.sender.map { $0 == email.sender } ?? true }
            return related
        }
    }

    /// Returns a request that sends an email once more, with the same content to the same recipients.
    ///
    /// - Throws: ``Refusal`` where there is no such email, or its content is not kept or was not made by a request.
    package func repetition(of id: EmailID, by principal: Principal) async throws -> EmailRequest {
        let found = try await store.read { tx -> (email: Email, files: [[UInt8]])? in
            guard let email = try tx.emails.find(id), principal.mayAccess(account: email.accountID) else { return nil }
            return (email, try tx.emails.attachments(of: email))
        }
        guard let found else { throw Refusal.notFound("Email") }
        guard found.email.canBeRepeated else {
            throw Refusal(
                .conflict, "This email cannot be sent again: its content is not kept, it is a copy, or it came as a whole message")
        }
        return EmailRequest(repeating: found.email, files: found.files)
    }
}

extension Email {
    /// Whether a request can be made of it that sends the same once more.
    package var canBeRepeated: Bool {
        !recipient.isErased && !content.isDropped && content.raw == nil && copyOf == nil && !content.isPlainText && !status.isPending
    }
}

extension EmailRequest {
    /// The request that leads to an email like this one, at once.
    fileprivate init(repeating email: Email, files: [[UInt8]]) {
        let content = email.content
        self.init(to: email.recipient.description, from: email.sender.description, text: content.text, subject: content.subject)
        (fromName, alias) = (content.fromName, email.recipientName)
        (html, unsubscribeText, list, category) = (content.html, content.unsubscribeText, content.list, content.category)
        (externalID, clientID) = (email.externalID, email.clientID)
        (tags, callbacks, headers) = (content.tags, content.callbacks, content.headers)
        replyTo = content.replyTo.map(\.description)
        let copies = email.content.recipients?.copies ?? []
        cc = copies.filter { $0.kind == .cc }.map(\.mailbox)
        bcc = copies.filter { $0.kind == .bcc }.map(\.mailbox)
        attachments = zip(content.attachments, files).map { file, bytes in
            AttachmentRequest(
                filename: file.filename, content: Base64.encode(bytes), contentType: file.contentType, contentID: file.contentID)
        }
    }
}

extension EmailCopy {
    fileprivate var mailbox: String { Mailbox(name: name, address: address).description }
}
