import MIME
import MailModel

/// The texts of an email: as the request gives them, or with the values of the variables filled in.
struct FilledTexts {
    private(set) var subject: String
    private(set) var text: String
    private(set) var html: String?
    /// Whether ``text`` is plain although the value of a variable looks like HTML.
    private(set) var isPlain = false
    /// What the texts are made of, where a template is: they are not stored, but filled in again.
    private(set) var template: TemplateUse?
    /// The variables without a value.
    ///
    /// Where there is one, nothing is sent.
    private(set) var missing: [String] = []

    /// - Parameters:
    ///   - template: the one that the request names; its texts replace those of the request.
    ///   - largest: the most bytes that the texts may have together.
    ///   - reserve: asked for the memory of the filled texts before they are made, in bytes.
    init(
        _ request: EmailRequest, _ template: TemplateTexts?, largest: Int, reserve: (Int) throws(Refusal) -> Void = { _ throws(Refusal) in }
    ) throws(Refusal) {
        (subject, text, html) = (request.subject, request.text, request.html)
        if template != nil || request.variables != nil {
            try fill(request, template, largest: largest, reserve: reserve)
        }
        try makeText(reserve: reserve)
    }

    private mutating func fill(
        _ request: EmailRequest, _ template: TemplateTexts?, largest: Int, reserve: (Int) throws(Refusal) -> Void
    ) throws(Refusal) {
        let values = try TemplateValues(request.variables ?? [:])
        let texts =
            if let template { template } else { try TemplateTexts(subject: subject, text: text, html: html) }
        try Self.check(texts, values, largest: largest, reserve: reserve)
        fill(texts, values)
    }

    /// Makes the text of the HTML where only that is given.
    private mutating func makeText(reserve: (Int) throws(Refusal) -> Void) throws(Refusal) {
        // A template has its text already, see `TemplateService.Texts`.
        guard text.isEmpty, template == nil, let html else { return }
        try reserve(html.utf8.count)
        text = HTMLText.plainText(from: html)
    }

    /// Checks the sizes before anything is filled in: a few bytes of a request can make many.
    private static func check(
        _ texts: TemplateTexts, _ values: TemplateValues, largest: Int, reserve: (Int) throws(Refusal) -> Void
    ) throws(Refusal) {
        for name in texts.subject.names {
            // A line break would end the subject; the refusal names the variable.
            if let value = values.plain[name] { try RequestField("variables.\(name)").headerText(value, upTo: TemplateValues.maximumBytes) }
        }
        let subject = texts.subject.size(with: values.plain)
        guard subject <= ValidatedEmail.Limits.subject else {
            throw RequestField("subject").refusal("expected at most \(ValidatedEmail.Limits.subject) bytes, found \(subject)")
        }
        let size = texts.body.size(with: values)
        guard size <= largest else {
            throw Refusal(
                .tooLarge, field: "variables", "With its variables the email has \(size) bytes, at most \(largest) are taken")
        }
        // Places with empty values cost time too.
        try reserve(max(size, texts.bytes))
    }

    private mutating func fill(_ texts: TemplateTexts, _ values: TemplateValues) {
        missing = texts.names.filter { values.plain[$0] == nil }
        subject = texts.subject.filled(with: values.plain)
        (text, html) = texts.body.filled(with: values)
        isPlain = html == nil && !texts.body.isHTML && HTMLText.isHTML(text)
        guard let version = texts.version else { return }
        let names = Set(texts.body.names)
        template = TemplateUse(version, variables: values.plain.filter { names.contains($0.key) })
    }
}
