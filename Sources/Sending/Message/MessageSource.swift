import MailModel
public import Storage

/// Makes messages of what is stored. Attachments are read when a message is made and not before, and as many at a time as there is room for.
public final class MessageSource: Sendable {
    private let store: Store
    private let composer: MessageComposer
    private let room: AttachmentRoom

    public init(store: Store, composer: MessageComposer) {
        self.store = store
        self.composer = composer
        room = AttachmentRoom()
    }

    /// Whether messages wait for others with large attachments.
    var isFull: Bool { room.isFull }

    /// What the recipient reads, harmless to look at.
    func preview(of email: Email) -> (text: String, html: String?) {
        composer.preview(of: email)
    }

    /// Lends the message in its wire form.
    ///
    /// - Throws: what storage could not do.
    func withMessage<Value>(of email: Email, _ body: ([UInt8]) async throws -> Value) async throws -> Value {
        let size = email.content.attachments.reduce(0) { $0 + $1.size }
        guard size > 0 else { return try await body(composer.compose(email, attachments: email.content.attachments.map { _ in [] })) }
        await room.take(size)
        defer { room.giveBack(size) }
        let attachments = try await store.read { try $0.attachments(of: email) }
        return try await body(composer.compose(email, attachments: attachments))
    }
}
