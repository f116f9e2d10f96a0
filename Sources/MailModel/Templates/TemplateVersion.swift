/// The texts of a template as emails were made of them; a change of the template makes another version.
package struct TemplateVersion: Sendable, Equatable, Identifiable {
    /// A hash of the rest: equal texts are one version.
    package let id: [UInt8]
    /// Plain text, or HTML where it has a tag; with places for values.
    package let text: String
    /// HTML beside a plain ``text``; with places for values.
    package let html: String?
    /// Whether ``text`` is HTML itself.
    package let isHTML: Bool

    /// The size of its texts in bytes.
    package var bytes: Int { text.utf8.count + (html?.utf8.count ?? 0) }

    /// A version with these values.
    package init(id: [UInt8], text: String, html: String?, isHTML: Bool) {
        self.id = id
        self.text = text
        self.html = html
        self.isHTML = isHTML
    }
}

/// What an email's texts are made of: the version of a template, and the email's own values.
package struct TemplateUse: Sendable, Equatable {
    /// The texts of the template.
    package var version: TemplateVersion
    /// The values of the places in them, by their names.
    package var variables: [String: String]

    /// A use of a version.
    package init(_ version: TemplateVersion, variables: [String: String]) {
        self.version = version
        self.variables = variables
    }
}

/// Values of variables; also in the form in which HTML shows them as they are.
package struct TemplateValues: Sendable, Equatable {
    /// The values by their names.
    package let plain: [String: String]
    /// The values as they stand in HTML.
    package let escaped: [String: String]

    /// - Parameter escape: returns a text as it stands in HTML.
    package init(_ values: [String: String], escapedBy escape: (String) -> String) {
        plain = values
        escaped = values.mapValues(escape)
    }
}

/// The texts of an email with places for values, parsed.
package struct TemplateBody: Sendable, Equatable {
    private let text: TemplateText
    private let html: TemplateText?
    /// Whether the text is HTML itself, so that values are escaped in it.
    package let isHTML: Bool

    /// Texts that were parsed.
    package init(text: TemplateText, html: TemplateText?, isHTML: Bool) {
        self.text = text
        self.html = html
        self.isHTML = isHTML
    }

    /// The names of all places, each once, in the order in which they occur.
    package var names: [String] {
        var seen: Set<String> = []
        return (text.names + (html?.names ?? [])).filter { seen.insert($0).inserted }
    }

    /// Returns the bytes of both texts of ``filled(with:)``, without making them.
    package func size(with values: TemplateValues) -> Int {
        text.size(with: isHTML ? values.escaped : values.plain) + (html?.size(with: values.escaped) ?? 0)
    }

    /// Returns the texts with the values in their places; in HTML they are escaped.
    package func filled(with values: TemplateValues) -> (text: String, html: String?) {
        (text.filled(with: isHTML ? values.escaped : values.plain), html?.filled(with: values.escaped))
    }
}
