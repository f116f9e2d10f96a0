package import MailModel
package import Storage

/// The templates of accounts. Throws ``SubmissionRefusal`` for what the caller did wrong.
package final class TemplateService: Sendable {
    /// More of them have no use for an account.
    static let maximumPerAccount = 1000

    /// What a template says.
    package struct Texts: Sendable {
        package var subject: String
        package var text: String
        package var html: String?

        package init(subject: String, text: String, html: String?) {
            self.subject = subject
            self.text = text
            self.html = html
        }
    }

    private let store: Store

    package init(store: Store) {
        self.store = store
    }

    /// An account's templates by their names, without their texts.
    package func list(of account: Account, after: String?, limit: Int) async throws -> [EmailTemplate] {
        try await store.read { try $0.templates(of: account.id, after: after, limit: limit) }
    }

    package func find(_ name: String, of account: Account) async throws -> EmailTemplate? {
        try await store.read { try $0.template(name, of: account.id) }
    }

    package func create(_ name: String, _ texts: Texts, of account: Account) async throws -> EmailTemplate {
        guard TemplateText.isName(name) else {
            throw SubmissionRefusal(
                .invalid, field: "name",
                "name: expected a letter or _, and then letters, digits, _, . and -, at most \(TemplateText.longestName) characters")
        }
        try Self.check(texts)
        return try await store.write { context -> Result<EmailTemplate, SubmissionRefusal> in
            try context.lockBelongings(of: account.id)
            if try context.hasTemplates(Self.maximumPerAccount, accountID: account.id) {
                return .failure(SubmissionRefusal(.conflict, "The account has \(Self.maximumPerAccount) templates, the most there may be"))
            }
            let template = EmailTemplate(
                name: name, subject: texts.subject, text: texts.text, html: texts.html, createdAt: context.now, updatedAt: context.now)
            guard try context.insert(template, accountID: account.id) else {
                return .failure(SubmissionRefusal(.conflict, field: "name", "name: there is a template \(name) already"))
            }
            return .success(template)
        }.get()
    }

    /// Gives a template other texts. Emails that were accepted keep those they have.
    ///
    /// - Returns: `nil` when there is none of that name.
    package func replace(_ name: String, _ texts: Texts, of account: Account) async throws -> EmailTemplate? {
        try Self.check(texts)
        return try await store.write { context in
            try context.replaceTemplate(name, of: account.id, subject: texts.subject, text: texts.text, html: texts.html)
        }
    }

    /// - Returns: false when there is none of that name.
    package func delete(_ name: String, of account: Account) async throws -> Bool {
        try await store.write { try $0.deleteTemplate(name, of: account.id) }
    }

    private static func check(_ texts: Texts) throws(SubmissionRefusal) {
        _ = try TemplateText(header(texts.subject, in: "subject", upTo: ValidatedEmail.Limits.subject), in: "subject")
        _ = try TemplateText(text(texts.text, in: "text"), in: "text")
        if let html = texts.html { _ = try TemplateText(text(html, in: "html"), in: "html") }
    }
}

extension TemplateText {
    /// - Parameter field: where the text stands in the request, for the message.
    init(_ text: String, in field: String) throws(SubmissionRefusal) {
        do {
            self = try TemplateText(text)
        } catch {
            throw SubmissionRefusal(.invalid, field: field, "\(field): \(error)")
        }
    }
}
