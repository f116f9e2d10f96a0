import Encoding

/// Sanitizes the HTML of an email for display to others than its recipient.
///
/// Only what is known to be harmless is kept. There are no scripts, forms and frames, no links (a click would unsubscribe or confirm in the
/// recipient's name), and no remote content (by which the sender would learn who displays it).
package enum HTMLPreview {
    /// Returns the sanitized content of a document's body, with its style sheets.
    package static func harmless(_ html: String) -> String {
        var tokens = HTMLTokenizer(html, keepsAttributes: true)
        var output = ""
        while let token = tokens.next() {
            switch token {
            case .text(let bytes): output += HTMLEscaping.escape(String(decoding: bytes, as: UTF8.self))
            case .start(let name, let attributes, let unread): output += start(name, attributes, unread)
            case .end(let name) where elements.contains(name): output += "</\(name)>"
            case .end: break
            }
        }
        return output
    }

    private static func start(_ name: String, _ attributes: HTMLAttributes, _ unread: ArraySlice<UInt8>) -> String {
        switch name {
        case "style":
            let sheet = String(decoding: unread, as: UTF8.self)
            return isHarmless(style: sheet) ? "<style>\(sheet)</style>" : ""
        case "img": return image(attributes)
        case "a":
            let target = attributes.reference.isEmpty ? "" : " title=\"\(escaped(attributes.reference))\""
            return "<a\(target)\(kept(attributes))>"
        case let name where elements.contains(name): return "<\(name)\(kept(attributes))>"
        default: return ""
        }
    }

    /// An image with a data URL; any other is replaced by its alternative text.
    private static func image(_ attributes: HTMLAttributes) -> String {
        let source = attributes.all.first { $0.name == "src" }?.value ?? []
        let isInside = embedded.contains { HTMLText.matches(Array($0.utf8), in: source, at: 0) }
        if isInside { return "<img src=\"\(escaped(source))\" alt=\"\(escaped(attributes.alternative))\"\(kept(attributes))>" }
        let words = attributes.alternative.isEmpty ? "image" : escaped(attributes.alternative)
        return "<span class=\"martlet-image\">\(words)</span>"
    }

    private static func kept(_ attributes: HTMLAttributes) -> String {
        attributes.all.map { name, value in
            let text = String(decoding: value, as: UTF8.self)
            guard appearance.contains(name) || name == "style" && isHarmless(style: text) else { return "" }
            return " \(name)=\"\(HTMLEscaping.escape(text))\""
        }.joined()
    }

    /// Whether a style fetches nothing.
    ///
    /// Escapes could hide that, and are not allowed.
    private static func isHarmless(style: String) -> Bool {
        let text = style.lowercased()
        return !["url(", "src(", "image(", "image-set(", "@import", "@namespace", "expression(", "\\", "<"].contains { text.contains($0) }
    }

    private static func escaped(_ bytes: [UInt8]) -> String {
        HTMLEscaping.escape(String(decoding: bytes, as: UTF8.self))
    }

    private static let embedded = ["data:image/png;", "data:image/gif;", "data:image/jpeg;", "data:image/webp;"]

    /// The allowed attributes, which determine the appearance.
    private static let appearance: Set = [
        "align", "bgcolor", "border", "cellpadding", "cellspacing", "class", "color", "colspan", "dir", "face", "height", "lang", "nowrap",
        "role", "rowspan", "size", "start", "valign", "width",
    ]

    private static let elements = Set(
        """
        abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure font \
        footer h1 h2 h3 h4 h5 h6 header hr i ins kbd li main mark nav ol p pre q s samp section small span strike strong sub sup table tbody td \
        tfoot th thead tr tt u ul var wbr a
        """.split(separator: " ").map(String.init))
}
