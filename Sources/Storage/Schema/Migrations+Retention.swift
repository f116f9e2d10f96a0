import Database

extension Migrations {
    /// What belongs to an email is found by it, where emails are deleted one by one.
    static let retention = Migration("0013-retention") { dialect in
        ["email_tags", "ses_messages"].map { "CREATE INDEX \($0)_email ON \(dialect.rest(of: $0)) (email_id)" }
    }
}
