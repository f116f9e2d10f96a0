import Database

extension Migrations {
    /// How large an email's texts and attachments are, beside its state: a claim knows by it what a message will need before it reads any of it.
    /// Emails of before have none; they count as small.
    static let contentSize = Migration("0018-content-size") { dialect in
        ["ALTER TABLE emails ADD COLUMN content_bytes \(dialect.integer)"]
    }
}
