import Database

extension Migrations {
    /// The bytes of what is attached, by the email whose content they belong to; what they are called and are stands with the content.
    ///
    /// Not in the key's order as other tables are: rows of megabytes would make that order slow to search.
    static let attachments = Migration("0011-attachments") { dialect in
        [
            """
            CREATE TABLE email_attachments (
                email_id \(dialect.blob) NOT NULL, number \(dialect.integer) NOT NULL, data \(dialect.blob) NOT NULL,
                PRIMARY KEY (email_id, number)
            )\(dialect.partitioned(by: "email_id"))
            """
        ] + dialect.makeRest(of: "email_attachments")
    }
}
