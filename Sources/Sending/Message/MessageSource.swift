import MailModel
package import Storage

/// Makes messages of what is stored. Large texts and attachments are read when a message is made and not before, and as many at a time as there is
/// memory for.
package final class MessageSource: Sendable {
    private let store: Store
    private let composer: MessageComposer
    let budget: MessageMemoryBudget

    /// - Parameter memory: bytes that messages under way may take together; `nil`: 128 MB.
    package convenience init(store: Store, composer: MessageComposer, memory: Int? = nil) {
        self.init(store: store, composer: composer, budget: MessageMemoryBudget(bytes: memory ?? MessageMemoryBudget.defaultBytes))
    }

    init(store: Store, composer: MessageComposer, budget: MessageMemoryBudget) {
        self.store = store
        self.composer = composer
        self.budget = budget
    }

    /// What the recipient reads, harmless to look at.
    func preview(of email: Email) -> (text: String, html: String?) {
        composer.preview(of: email)
    }

    /// Lends the message of an email that was read with its texts.
    ///
    /// - Throws: what storage could not do, or why there was no memory for it.
    func withMessage<Value>(of email: Email, _ body: ([UInt8]) async throws -> Value) async throws -> Value {
        try await withMessage(of: ClaimedEmail(email), body)
    }

    /// Lends the message in its wire form. Memory for all that it needs is waited for before anything of it is read.
    ///
    /// - Throws: what storage could not do, or why there was no memory for it.
    func withMessage<Value>(of claimed: ClaimedEmail, _ body: ([UInt8]) async throws -> Value) async throws -> Value {
        var granted = try await budget.take(MessageMemoryBudget.estimate(ofContent: claimed.contentBytes))
        defer { budget.giveBack(granted) }
        let message = try await message(of: claimed)
        // The texts are gone by now: what is left is the message, and what the provider's call makes of it.
        let needed = min(granted, MessageMemoryBudget.estimate(ofMessage: message.count))
        budget.giveBack(granted - needed)
        granted = needed
        return try await body(message)
    }

    private func message(of claimed: ClaimedEmail) async throws -> [UInt8] {
        if !claimed.textsAreLeft, claimed.email.content.attachments.allSatisfy({ $0.size == 0 }) {
            return composer.compose(claimed.email, attachments: claimed.email.content.attachments.map { _ in [] })
        }
        let (email, attachments) = try await store.read { try $0.completed(claimed) }
        return composer.compose(email, attachments: attachments)
    }
}
