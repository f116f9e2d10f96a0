import Crypto
import Encoding
import MIME
package import MailModel
package import Storage

/// The templates of accounts.
///
/// Throws ``Refusal`` for what the caller did wrong.
package final class TemplateService: Sendable {
    /// The most templates an account may have.
    static let maximumPerAccount = 1000

    /// The subject and the texts of a template.
    package struct Texts: Sendable {
        /// The subject.
        package var subject: String
        /// Plain text, or HTML where it has a tag.
        package var text: String
        /// HTML beside a plain `text`.
        package var html: String?

        /// Creates texts, not validated yet.
        ///
        /// - Parameter text: where it is empty, the text is made from the HTML, places included.
        package init(subject: String, text: String, html: String?) {
            self.subject = subject
            self.text = text.isEmpty ? html.map(HTMLText.plainText) ?? "" : text
            self.html = html
        }
    }

    private let store: Store

    /// Creates the service.
    package init(store: Store) {
        self.store = store
    }

    /// Returns an account's templates in the order of their names, without their texts.
    ///
    /// - Parameter after: the name of the last one of the page before; `nil` for the first page.
    package func list(of account: Account, after: String?, limit: Int) async throws -> [EmailTemplate] {
        try await store.read { try $0.templates.list(of: account.id, after: after, limit: limit) }
    }

    /// Returns an account's template; `nil` when it has none of that name.
    package func find(_ name: String, of account: Account) async throws -> EmailTemplate? {
        try await store.read { try $0.templates.find(name, of: account.id) }
    }

    /// Creates a template.
    package func create(_ name: String, _ texts: Texts, of account: Account, by principal: Principal) async throws -> EmailTemplate {
        guard TemplateText.isName(name) else {
            throw Refusal.invalid(
                "name", "expected a letter or _, and then letters, digits, _, . and -, at most \(TemplateText.longestName) characters")
        }
        try Self.check(texts)
        return try await store.write { tx -> Result<EmailTemplate, Refusal> in
            try tx.accounts.lock(account.id)
            if try tx.templates.hasAtLeast(Self.maximumPerAccount, accountID: account.id) {
                return .failure(
                    Refusal(.conflict, code: .limitReached, "The account has \(Self.maximumPerAccount) templates, the most there may be"))
            }
            let template = EmailTemplate(
                name: name, subject: texts.subject, text: texts.text, html: texts.html, createdAt: tx.now, updatedAt: tx.now)
            guard try tx.templates.insert(template, accountID: account.id) else {
                return .failure(Refusal(.conflict, code: .alreadyExists, field: "name", "name: there is a template \(name) already"))
            }
            try tx.audit.insert(
                AuditChange(.templateCreate, target: .template(name), account: account.id, after: template.auditValues),
                by: .principal(principal))
            return .success(template)
        }.get()
    }

    /// Replaces the texts of a template.
    ///
    /// Accepted emails keep theirs.
    ///
    /// - Returns: the changed template; `nil` when there is none of that name.
    package func replace(_ name: String, _ texts: Texts, of account: Account, by principal: Principal) async throws -> EmailTemplate? {
        try Self.check(texts)
        return try await store.write { tx in
            guard let before = try tx.templates.findForUpdate(name, of: account.id),
                let after = try tx.templates.update(
                    name, of: account.id, subject: texts.subject, text: texts.text, html: texts.html)
            else { return nil }
            try tx.audit.insert(
                AuditChange(
                    .templateUpdate, target: .template(name), account: account.id, before: before.auditValues, after: after.auditValues),
                by: .principal(principal))
            return after
        }
    }

    /// Deletes a template.
    ///
    /// - Returns: false when there is none of that name.
    package func delete(_ name: String, of account: Account, by principal: Principal) async throws -> Bool {
        try await store.write { tx in
            guard let template = try tx.templates.findForUpdate(name, of: account.id), try tx.templates.delete(name, of: account.id)
            else { return false }
            try tx.audit.insert(
                AuditChange(.templateDelete, target: .template(name), account: account.id, before: template.auditValues),
                by: .principal(principal))
            return true
        }
    }

    private static func check(_ texts: Texts) throws(Refusal) {
        try RequestField("subject").headerText(texts.subject, upTo: ValidatedEmail.Limits.subject)
        try RequestField("text").bodyText(texts.text)
        if let html = texts.html { try RequestField("html").bodyText(html) }
        _ = try TemplateTexts(subject: texts.subject, text: texts.text, html: texts.html)
    }
}

extension EmailTemplate {
    /// The template for the audit log: its texts, which may be long, by their size and SHA-256.
    fileprivate var auditValues: [String: AuditValue] {
        ["subject": .string(subject), "text": Self.digest(text), "html": html.map(Self.digest) ?? .null]
    }

    private static func digest(_ text: String) -> AuditValue {
        let bytes = Array(text.utf8)
        return .string("\(bytes.count) bytes, sha256 \(Hexadecimal.encode(SHA256.hash(data: bytes)))")
    }
}
