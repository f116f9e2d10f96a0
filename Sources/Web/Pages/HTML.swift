/// Text that is safe to stand in a page: what goes in was written as markup here, or was escaped.
package struct HTML: ExpressibleByStringInterpolation, CustomStringConvertible {
    package let description: String

    package init(stringLiteral markup: String) {
        description = markup
    }

    package init(stringInterpolation: StringInterpolation) {
        description = stringInterpolation.markup
    }

    fileprivate init(markup: String) {
        description = markup
    }

    /// Text as it reads, whatever is in it.
    package static func text(_ text: String) -> HTML {
        HTML(markup: escaped(text))
    }

    package static func + (lhs: HTML, rhs: HTML) -> HTML {
        HTML(markup: lhs.description + rhs.description)
    }

    /// A sentence with places for values in braces, `{sender}`: both are escaped, and the values stand out.
    package static func sentence(_ sentence: String, _ values: [String: String]) -> HTML {
        var markup = ""
        var rest = sentence[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            markup += escaped(String(rest[..<open]))
            markup += values[String(rest[rest.index(after: open)..<close])].map { "<b>\(escaped($0))</b>" } ?? ""
            rest = rest[rest.index(after: close)...]
        }
        return HTML(markup: markup + escaped(String(rest)))
    }

    fileprivate static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        package var markup = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            markup.reserveCapacity(literalCapacity)
        }

        package mutating func appendLiteral(_ literal: String) {
            markup += literal
        }

        package mutating func appendInterpolation(_ html: HTML) {
            markup += html.description
        }

        package mutating func appendInterpolation(_ text: String) {
            markup += HTML.escaped(text)
        }
    }
}

extension Sequence<HTML> {
    /// The parts one after the other, with a text between them.
    package func joined(_ separator: String = "") -> HTML {
        HTML(markup: map(\.description).joined(separator: HTML.escaped(separator)))
    }
}
