import MIME
import MailModel

/// What an email is going to say: as the request gives it, or with the values of its variables in their places.
struct FilledTexts {
    private(set) var subject: String
    private(set) var text: String
    private(set) var html: String?
    /// The text is plain, whatever its values look like.
    private(set) var isPlain = false
    /// The variables that have no value: nothing can be sent then.
    private(set) var missing: [String] = []

    private enum Limits {
        static let variables = 100
        /// Bytes of UTF-8.
        static let value = 65_536
    }

    /// - Parameters:
    ///   - template: says what the request does not.
    ///   - largest: bytes that the texts may have together.
    init(_ request: EmailRequest, _ template: EmailTemplate?, largest: Int) throws(SubmissionRefusal) {
        (subject, text, html) = template.map { ($0.subject, $0.text, $0.html) } ?? (request.subject, request.text, request.html)
        guard template != nil || request.variables != nil else { return }
        let values = request.variables ?? [:]
        try Self.check(values)
        try fill(values, largest: largest)
    }

    private mutating func fill(_ values: [String: String], largest: Int) throws(SubmissionRefusal) {
        let isHTML = html == nil && HTMLText.isHTML(text)
        // A value is text: what it says is shown, and does nothing.
        let escaped = values.mapValues(HTMLText.escaped)
        let templates = (
            subject: try TemplateText(subject, in: "subject"), text: try TemplateText(text, in: "text"),
            html: try html.map { html throws(SubmissionRefusal) in try TemplateText(html, in: "html") }
        )
        let size = templates.text.size(with: isHTML ? escaped : values) + (templates.html?.size(with: escaped) ?? 0)
        guard size <= largest else {
            throw SubmissionRefusal(
                .tooLarge, field: "variables", "With its variables the email has \(size) bytes, at most \(largest) are taken")
        }
        for name in templates.subject.names { try Self.checkHeader(values[name], in: "variables.\(name)") }
        let needed = templates.subject.names + templates.text.names + (templates.html?.names ?? [])
        missing = needed.filter { values[$0] == nil }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        subject = templates.subject.filled(with: values)
        text = templates.text.filled(with: isHTML ? escaped : values)
        html = templates.html?.filled(with: escaped)
        isPlain = html == nil && !isHTML && HTMLText.isHTML(text)
    }

    private static func check(_ values: [String: String]) throws(SubmissionRefusal) {
        guard values.count <= Limits.variables else {
            throw SubmissionRefusal(
                .invalid, field: "variables", "variables: expected at most \(Limits.variables) variables, found \(values.count)")
        }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard TemplateText.isName(name) else {
                throw SubmissionRefusal(
                    .invalid, field: "variables",
                    "variables: expected names of letters, digits, _, . and -, beginning with a letter or _, and of at most "
                        + "\(TemplateText.longestName) characters")
            }
            guard value.utf8.count <= Limits.value else {
                throw SubmissionRefusal(
                    .invalid, field: "variables.\(name)",
                    "variables.\(name): expected at most \(Limits.value) bytes, found \(value.utf8.count)")
            }
        }
    }

    /// What would end the subject's line, told by the name of its variable.
    private static func checkHeader(_ value: String?, in field: String) throws(SubmissionRefusal) {
        guard let value else { return }
        _ = try header(value, in: field, upTo: Limits.value)
    }
}
