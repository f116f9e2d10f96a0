import Encoding

/// Markup: literals are markup, and interpolated text is escaped.
package struct HTML: ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The markup.
    package let description: String

    /// Markup that is written in the source.
    package init(stringLiteral markup: String) {
        description = markup
    }

    /// Markup with escaped values in it.
    package init(stringInterpolation: StringInterpolation) {
        description = stringInterpolation.markup
    }

    fileprivate init(markup: String) {
        description = markup
    }

    /// Escaped text.
    package static func text(_ text: String) -> HTML {
        HTML(markup: HTMLEscaping.escape(text))
    }

    /// Markup followed by other markup.
    package static func + (lhs: HTML, rhs: HTML) -> HTML {
        HTML(markup: lhs.description + rhs.description)
    }

    /// A sentence with placeholders in braces, `{sender}`: it and the values are escaped, and the values are bold.
    package static func sentence(_ sentence: String, _ values: [String: String]) -> HTML {
        var markup = ""
        var rest = sentence[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            markup += HTMLEscaping.escape(String(rest[..<open]))
            markup += values[String(rest[rest.index(after: open)..<close])].map { "<b>\(HTMLEscaping.escape($0))</b>" } ?? ""
            rest = rest[rest.index(after: close)...]
        }
        return HTML(markup: markup + HTMLEscaping.escape(String(rest)))
    }

    /// Collects the markup of an interpolation.
    package struct StringInterpolation: StringInterpolationProtocol {
        /// The markup so far.
        package var markup = ""

        /// An empty interpolation.
        package init(literalCapacity: Int, interpolationCount: Int) {
            markup.reserveCapacity(literalCapacity)
        }

        /// Appends markup.
        package mutating func appendLiteral(_ literal: String) {
            markup += literal
        }

        /// Appends markup.
        package mutating func appendInterpolation(_ html: HTML) {
            markup += html.description
        }

        /// Appends escaped text.
        package mutating func appendInterpolation(_ text: String) {
            markup += HTMLEscaping.escape(text)
        }
    }
}

extension Sequence<HTML> {
    /// The parts one after the other, separated by a text, which is escaped.
    package func joined(_ separator: String = "") -> HTML {
        HTML(markup: map(\.description).joined(separator: HTMLEscaping.escape(separator)))
    }
}
