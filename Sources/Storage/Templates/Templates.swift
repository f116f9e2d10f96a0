import Database
package import MailModel

extension ReadableTransaction {
    /// The templates of all accounts.
    package var templates: Templates<Self> { Templates(tx: self) }
}

/// The templates of all accounts: subjects and texts by names, which are unique within an account.
package struct Templates<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Templates {
    /// Returns an account's template by its name; `nil` when there is none.
    package func find(_ name: String, of accountID: Int64) throws -> EmailTemplate? {
        try tx.sql.first(
            "SELECT \(TemplateRow.columns) FROM templates WHERE account_id = ?1 AND name = ?2", [.integer(accountID), .text(name)],
            TemplateRow.decode)
    }

    /// Returns an account's templates in the order of their names, without their texts.
    ///
    /// - Parameter after: begin behind this name.
    package func list(of accountID: Int64, after: String?, limit: Int) throws -> [EmailTemplate] {
        try tx.sql.query(
            "SELECT name, subject, '', NULL, created_at, updated_at FROM templates WHERE account_id = ?1 AND name > ?2 ORDER BY name LIMIT ?3",
            [.integer(accountID), .text(after ?? ""), .integer(limit)], TemplateRow.decode)
    }

    /// Whether the account has this many templates or more.
    package func hasAtLeast(_ count: Int, accountID: Int64) throws -> Bool {
        try tx.sql.first(
            "SELECT 1 FROM templates WHERE account_id = ?1 ORDER BY name LIMIT 1 OFFSET ?2", [.integer(accountID), .integer(count - 1)]
        ) { _ in true } ?? false
    }
}

extension Templates where Tx == Transaction {
    /// Returns an account's template by its name, its row locked until the transaction ends; `nil` when there is none.
    package func findForUpdate(_ name: String, of accountID: Int64) throws -> EmailTemplate? {
        try tx.sql.first(
            "SELECT \(TemplateRow.columns) FROM templates WHERE account_id = ?1 AND name = ?2\(tx.sql.dialect.forUpdate)",
            [.integer(accountID), .text(name)], TemplateRow.decode)
    }

    /// Inserts a new template.
    ///
    /// - Returns: false when the account has one of that name.
    package func insert(_ template: EmailTemplate, accountID: Int64) throws -> Bool {
        try tx.sql.execute(
            """
            INSERT INTO templates (account_id, name, subject, body, html, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO NOTHING
            """,
            [
                .integer(accountID), .text(template.name), .text(template.subject), .text(template.text), .text(template.html),
                .timestamp(template.createdAt), .timestamp(template.updatedAt),
            ]) == 1
    }

    /// Replaces the subject and the texts of a template.
    ///
    /// - Returns: the changed template; `nil` when the account has none of that name.
    package func update(
        _ name: String, of accountID: Int64, subject: String, text: String, html: String?
    ) throws -> EmailTemplate? {
        try tx.sql.first(
            """
            UPDATE templates SET subject = ?3, body = ?4, html = ?5, updated_at = ?6 WHERE account_id = ?1 AND name = ?2
            RETURNING \(TemplateRow.columns)
            """,
            [.integer(accountID), .text(name), .text(subject), .text(text), .text(html), .timestamp(tx.now)], TemplateRow.decode)
    }

    /// Deletes an account's template.
    ///
    /// - Returns: false when there was none of that name.
    package func delete(_ name: String, of accountID: Int64) throws -> Bool {
        try tx.sql.execute("DELETE FROM templates WHERE account_id = ?1 AND name = ?2", [.integer(accountID), .text(name)]) == 1
    }
}

/// The row of a template.
private enum TemplateRow {
    static let columns = "name, subject, body, html, created_at, updated_at"

    static func decode(_ row: any DatabaseRow) throws -> EmailTemplate {
        EmailTemplate(
            name: row.text(0), subject: row.text(1), text: row.text(2), html: row.optionalText(3), createdAt: row.requiredTimestamp(4),
            updatedAt: row.requiredTimestamp(5))
    }
}
