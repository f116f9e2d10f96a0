import Encoding
import MIME
import MailModel

/// Subject and texts with places for values, parsed: those of a template, which the emails of a batch share, or of a request.
struct TemplateTexts: Sendable {
    /// The most variables of a template, and of a request.
    static let maximumVariables = 100

    let subject: TemplateText
    let text: TemplateText
    let html: TemplateText?
    /// Whether ``text`` is HTML itself.
    let isHTML: Bool
    /// The names of all places, each once, in the order in which they occur.
    let names: [String]
    /// The size before anything is filled in, in bytes.
    let bytes: Int

    /// - Throws: ``Refusal`` for a place without a valid name or end, and for too many variables.
    init(subject: String, text: String, html: String?) throws(Refusal) {
        self.subject = try TemplateText(subject, in: RequestField("subject"))
        self.text = try TemplateText(text, in: RequestField("text"))
        if let html { self.html = try TemplateText(html, in: RequestField("html")) } else { self.html = nil }
        isHTML = html == nil && HTMLText.isHTML(text)
        bytes = subject.utf8.count + text.utf8.count + (html?.utf8.count ?? 0)
        var seen: Set<String> = []
        names = (self.subject.names + self.text.names + (self.html?.names ?? [])).filter { seen.insert($0).inserted }
        guard names.count <= Self.maximumVariables else {
            throw RequestField("variables").refusal("expected at most \(Self.maximumVariables) in the texts, found \(names.count)")
        }
    }

    init(_ template: EmailTemplate) throws(Refusal) {
        try self.init(subject: template.subject, text: template.text, html: template.html)
    }
}

/// The values of the variables of a request, checked; also in the form in which HTML shows them as they are.
struct TemplateValues {
    /// The most bytes of a value.
    static let maximumBytes = 65_536

    let plain: [String: String]
    let escaped: [String: String]

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
        plain = values
        escaped = values.mapValues(HTMLEscaping.escape)
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
