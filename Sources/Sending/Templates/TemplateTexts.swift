import Crypto
import Encoding
import MIME
import MailModel

/// Subject and texts with places for values, parsed: those of a template, which the emails of a batch share, or of a request.
struct TemplateTexts: Sendable {
    /// The most variables of a template, and of a request.
    static let maximumVariables = 100

    let subject: TemplateText
    let body: TemplateBody
    /// What emails keep of a template; `nil` for the texts of a request.
    let version: TemplateVersion?
    /// The names of all places, each once, in the order in which they occur.
    let names: [String]
    /// The size before anything is filled in, in bytes.
    let bytes: Int

    /// - Throws: ``Refusal`` for a place without a valid name or end, and for too many variables.
    init(subject: String, text: String, html: String?, ofTemplate isTemplate: Bool = false) throws(Refusal) {
        self.subject = try TemplateText(subject, in: RequestField("subject"))
        let parsedText = try TemplateText(text, in: RequestField("text"))
        var parsedHTML: TemplateText?
        if let html { parsedHTML = try TemplateText(html, in: RequestField("html")) }
        body = TemplateBody(text: parsedText, html: parsedHTML, isHTML: html == nil && HTMLText.isHTML(text))
        version = isTemplate ? TemplateVersion(text: text, html: html, isHTML: body.isHTML) : nil
        bytes = subject.utf8.count + text.utf8.count + (html?.utf8.count ?? 0)
        var seen: Set<String> = []
        names = (self.subject.names + body.names).filter { seen.insert($0).inserted }
        guard names.count <= Self.maximumVariables else {
            throw RequestField("variables").refusal("expected at most \(Self.maximumVariables) in the texts, found \(names.count)")
        }
    }

    init(_ template: EmailTemplate) throws(Refusal) {
        try self.init(subject: template.subject, text: template.text, html: template.html, ofTemplate: true)
    }
}

extension TemplateVersion {
    /// The version of texts: its id is the first half of their SHA-256, with what tells them apart.
    init(text: String, html: String?, isHTML: Bool) {
        var hash = SHA256()
        hash.update(data: Array("\(isHTML) \(html != nil) \(text.utf8.count) ".utf8))
        hash.update(data: Array(text.utf8))
        if let html { hash.update(data: Array(html.utf8)) }
        self.init(id: Array(hash.finalize().prefix(16)), text: text, html: html, isHTML: isHTML)
    }
}

extension TemplateValues {
    /// The most bytes of a value.
    static let maximumBytes = 65_536

    /// The values of a request's variables.
    ///
    /// - Throws: ``Refusal`` for too many, and for an invalid name or a long value.
    init(_ values: [String: String]) throws(Refusal) {
        let field = RequestField("variables")
        guard values.count <= TemplateTexts.maximumVariables else {
            throw field.refusal("expected at most \(TemplateTexts.maximumVariables) variables, found \(values.count)")
        }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard TemplateText.isName(name) else {
                throw field.refusal(
                    "expected names of letters, digits, _, . and -, beginning with a letter or _, and of at most "
                        + "\(TemplateText.longestName) characters")
            }
            guard value.utf8.count <= Self.maximumBytes else {
                throw RequestField("variables.\(name)").refusal("expected at most \(Self.maximumBytes) bytes, found \(value.utf8.count)")
            }
        }
        self.init(values, escapedBy: HTMLEscaping.escape)
    }
}

extension TemplateText {
    /// Parses the text of a field.
    init(_ text: String, in field: RequestField) throws(Refusal) {
        do {
            self = try TemplateText(text)
        } catch {
            throw field.refusal("\(error)")
        }
    }
}
