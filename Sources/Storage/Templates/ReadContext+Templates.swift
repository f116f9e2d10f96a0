import Database
package import MailModel

extension ReadContext {
    package func template(_ name: String, of accountID: Int64) throws -> EmailTemplate? {
        try transaction.first(
            "SELECT \(TemplateRow.columns) FROM templates WHERE account_id = ?1 AND name = ?2", [.integer(accountID), .text(name)],
            TemplateRow.decode)
    }

    /// An account's templates by their names, without their texts.
    ///
    /// - Parameter after: begin behind this name.
    package func templates(of accountID: Int64, after: String?, limit: Int) throws -> [EmailTemplate] {
        try transaction.query(
            "SELECT name, subject, '', NULL, created_at, updated_at FROM templates WHERE account_id = ?1 AND name > ?2 ORDER BY name LIMIT ?3",
            [.integer(accountID), .text(after ?? ""), .integer(limit)], TemplateRow.decode)
    }

    /// Whether the account has this many templates.
    package func hasTemplates(_ count: Int, accountID: Int64) throws -> Bool {
        try transaction.first(
            "SELECT 1 FROM templates WHERE account_id = ?1 ORDER BY name LIMIT 1 OFFSET ?2", [.integer(accountID), .integer(count - 1)]
        ) { _ in true } ?? false
    }
}

/// How a template lies in its row.
enum TemplateRow {
    static let columns = "name, subject, body, html, created_at, updated_at"

    static func decode(_ row: any DatabaseRow) throws -> EmailTemplate {
        EmailTemplate(
            name: row.text(0), subject: row.text(1), text: row.text(2), html: row.optionalText(3), createdAt: row.requiredTimestamp(4),
            updatedAt: row.requiredTimestamp(5))
    }
}
