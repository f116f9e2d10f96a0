/// Subject and texts that an account keeps by a name, with places for values (``TemplateText``).
package struct EmailTemplate: Sendable, Equatable {
    /// Unique within the account.
    package var name: String
    package var subject: String
    /// Plain text, or HTML where it has a tag.
    package var text: String
    /// HTML beside a plain `text`.
    package var html: String?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(name: String, subject: String, text: String, html: String?, createdAt: Timestamp, updatedAt: Timestamp) {
        self.name = name
        self.subject = subject
        self.text = text
        self.html = html
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
