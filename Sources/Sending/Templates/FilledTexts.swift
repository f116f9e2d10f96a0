import Encoding
import MIME
import MailModel

/// The subject and the texts of an email: as the request gives them, or with the values of the variables filled in.
struct FilledTexts {
    private(set) var subject: String
    private(set) var text: String
    private(set) var html: String?
    /// Whether ``text`` is plain although the value of a variable looks like HTML.
    private(set) var isPlain = false
    /// The variables without a value. Where there is one, nothing is sent.
    private(set) var missing: [String] = []

    private enum Limits {
        static let variables = 100
        /// Bytes of UTF-8.
        static let value = 65_536
    }

    /// - Parameters:
    ///   - template: the one that the request names; its texts replace those of the request.
    ///   - largest: the most bytes that the texts may have together.
    init(_ request: EmailRequest, _ template: EmailTemplate?, largest: Int) throws(Refusal) {
        (subject, text, html) = template.map { ($0.subject, $0.text, $0.html) } ?? (request.subject, request.text, request.html)
        guard template != nil || request.variables != nil else { return }
        let values = request.variables ?? [:]
        try Self.check(values)
        try fill(values, largest: largest)
    }

    private mutating func fill(_ values: [String: String], largest: Int) throws(Refusal) {
        let isHTML = html == nil && HTMLText.isHTML(text)
        // A value is text: in HTML it is shown as it is.
        let escaped = values.mapValues(HTMLEscaping.escape)
        let templates = (
            subject: try TemplateText(subject, in: RequestField("subject")), text: try TemplateText(text, in: RequestField("text")),
            html: try html.map { html throws(Refusal) in try TemplateText(html, in: RequestField("html")) }
        )
        let size = templates.text.size(with: isHTML ? escaped : values) + (templates.html?.size(with: escaped) ?? 0)
        guard size <= largest else {
            throw Refusal(
                .tooLarge, field: "variables", "With its variables the email has \(size) bytes, at most \(largest) are taken")
        }
        for name in templates.subject.names {
            // A line break would end the subject; the refusal names the variable.
            if let value = values[name] { try RequestField("variables.\(name)").headerText(value, upTo: Limits.value) }
        }
        let needed = templates.subject.names + templates.text.names + (templates.html?.names ?? [])
        missing = needed.filter { values[$0] == nil }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        subject = templates.subject.filled(with: values)
        text = templates.text.filled(with: isHTML ? escaped : values)
        html = templates.html?.filled(with: escaped)
        isPlain = html == nil && !isHTML && HTMLText.isHTML(text)
    }

    private static func check(_ values: [String: String]) throws(Refusal) {
        let field = RequestField("variables")
        guard values.count <= Limits.variables else {
            throw field.refusal("expected at most \(Limits.variables) variables, found \(values.count)")
        }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard TemplateText.isName(name) else {
                throw field.refusal(
                    "expected names of letters, digits, _, . and -, beginning with a letter or _, and of at most "
                        + "\(TemplateText.longestName) characters")
            }
            guard value.utf8.count <= Limits.value else {
                throw RequestField("variables.\(name)").refusal("expected at most \(Limits.value) bytes, found \(value.utf8.count)")
            }
        }
    }
}
