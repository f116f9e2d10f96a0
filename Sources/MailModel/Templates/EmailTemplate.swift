/// Subject and texts that an account keeps by a name, with places for values (``TemplateText``).
public struct EmailTemplate: Sendable, Equatable {
    /// Unique within the account.
    public var name: String
    public var subject: String
    /// Plain text, or HTML where it has a tag.
    public var text: String
    /// HTML beside a plain `text`.
    public var html: String?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(name: String, subject: String, text: String, html: String?, createdAt: Timestamp, updatedAt: Timestamp) {
        self.name = name
        self.subject = subject
        self.text = text
        self.html = html
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
