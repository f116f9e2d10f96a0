import Database
package import MailModel

extension WriteContext {
    /// Keeps a new template.
    ///
    /// - Returns: false when the account has one of that name.
    package func insert(_ template: EmailTemplate, accountID: Int64) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO templates (account_id, name, subject, body, html, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO NOTHING
            """,
            [
                .integer(accountID), .text(template.name), .text(template.subject), .text(template.text), .text(template.html),
                .timestamp(template.createdAt), .timestamp(template.updatedAt),
            ]) == 1
    }

    /// Gives a template other texts.
    ///
    /// - Returns: the template as it is then; `nil` when the account has none of that name.
    package func replaceTemplate(
        _ name: String, of accountID: Int64, subject: String, text: String, html: String?
    ) throws -> EmailTemplate? {
        try transaction.first(
            """
            UPDATE templates SET subject = ?3, body = ?4, html = ?5, updated_at = ?6 WHERE account_id = ?1 AND name = ?2
            RETURNING \(TemplateRow.columns)
            """,
            [.integer(accountID), .text(name), .text(subject), .text(text), .text(html), .timestamp(now)], TemplateRow.decode)
    }

    /// - Returns: false when there was none.
    package func deleteTemplate(_ name: String, of accountID: Int64) throws -> Bool {
        try transaction.execute("DELETE FROM templates WHERE account_id = ?1 AND name = ?2", [.integer(accountID), .text(name)]) == 1
    }
}
