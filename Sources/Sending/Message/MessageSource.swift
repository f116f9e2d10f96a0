import MIME
import MailModel
package import Storage

/// Composes messages from what is stored.
///
/// Large texts and attachments are read only for the call they are for, within the memory budget.
package final class MessageSource: Sendable {
    private let store: Store
    private let composer: MessageComposer
    let budget: MessageMemoryBudget

    /// Creates a source of messages.
    ///
    /// - Parameter memory: the most bytes that messages under way may take together; `nil`: 128 MB.
    package convenience init(store: Store, composer: MessageComposer, memory: Int? = nil) {
        self.init(store: store, composer: composer, budget: MessageMemoryBudget(bytes: memory ?? MessageMemoryBudget.defaultBytes))
    }

    init(store: Store, composer: MessageComposer, budget: MessageMemoryBudget) {
        self.store = store
        self.composer = composer
        self.budget = budget
    }

    /// What the recipient reads; HTML without scripts, links and remote content.
    func preview(of email: Email, mask: LinkMask?) -> (text: String, html: String?) {
        composer.preview(of: email, mask: mask)
    }

    /// Returns an email with what people read of it: where it is a raw message, with the texts and files in that.
    func readable(_ email: Email) async throws -> Email {
        guard email.content.raw != nil else { return email }
        let granted = try await budget.reserve(MessageMemoryBudget.estimate(ofContent: email.content.byteCount))
        defer { budget.release(granted) }
        let attachments = try await store.read { try $0.emails.attachments(of: email) }
        guard let bytes = attachments.first, let message = try? RawMessage(bytes) else { return email }
        var email = email
        email.content.show(MessagePreview(message))
        return email
    }

    /// Calls `body` with the message of an email that was read with its texts.
    ///
    /// - Parameter mask: hides the recipient's links, for others than the recipient.
    /// - Throws: an error of the storage, or why there is no memory for the message.
    func withMessage<Value>(of email: Email, mask: LinkMask? = nil, _ body: ([UInt8]) async throws -> Value) async throws -> Value {
        try await withMessage(of: ClaimedEmail(email), mask: mask, body)
    }

    /// Calls `body` with the message in its wire form.
    ///
    /// All memory that it needs is reserved before any of the content is read.
    ///
    /// - Parameter mask: hides the recipient's links; `nil` for the message that is sent.
    /// - Throws: an error of the storage, or why there is no memory for the message.
    func withMessage<Value>(
        of claimed: ClaimedEmail, mask: LinkMask? = nil, _ body: ([UInt8]) async throws -> Value
    ) async throws -> Value {
        var granted = try await budget.reserve(MessageMemoryBudget.estimate(ofContent: claimed.contentBytes))
        defer { budget.release(granted) }
        let message = try await message(of: claimed, mask: mask)
        // The texts are freed by now: what remains is the message, and the request that the provider's call makes of it.
        let needed = min(granted, MessageMemoryBudget.estimate(ofMessage: message.count))
        budget.release(granted - needed)
        granted = needed
        return try await body(message)
    }

    private func message(of claimed: ClaimedEmail, mask: LinkMask?) async throws -> [UInt8] {
        if !claimed.textsAreLeft, claimed.email.content.attachments.allSatisfy({ $0.size == 0 }) {
            return composer.compose(claimed.email, attachments: claimed.email.content.attachments.map { _ in [] }, mask: mask)
        }
        let (email, attachments) = try await store.read { try $0.emails.completed(claimed) }
        return composer.compose(email, attachments: attachments, mask: mask)
    }
}

extension EmailContent {
    /// Sets texts and files to those in a message.
    fileprivate mutating func show(_ preview: MessagePreview) {
        text = preview.text ?? preview.html ?? ""
        html = preview.text == nil ? nil : preview.html
        isPlainText = preview.text != nil
        attachments = preview.files.map {
            Attachment(filename: $0.filename, contentType: $0.contentType, contentID: $0.contentID, size: $0.size)
        }
    }
}
