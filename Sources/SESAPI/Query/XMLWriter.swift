import Encoding

/// A writer of the XML documents of the Query protocol: elements and texts, nothing else.
struct XMLWriter {
    private(set) var text = ""

    /// An element with a text.
    mutating func element(_ name: String, _ value: String) {
        text += "<\(name)>\(Self.escape(value))</\(name)>"
    }

    /// An element with others in it.
    mutating func element(_ name: String, _ content: (inout XMLWriter) -> Void) {
        text += "<\(name)>"
        content(&self)
        text += "</\(name)>"
    }

    /// The outermost element, in SES's namespace.
    mutating func document(_ name: String, _ content: (inout XMLWriter) -> Void) {
        text += "<\(name) xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\">"
        content(&self)
        text += "</\(name)>"
    }

    /// A list, each item in an element `member`.
    mutating func list(_ name: String, _ values: [String]) {
        element(name) { list in
            for value in values { list.element("member", value) }
        }
    }

    /// Characters that XML 1.0 cannot have (section 2.2) become U+FFFD.
    private static func escape(_ text: String) -> String {
        HTMLEscaping.escape(
            String(
                String.UnicodeScalarView(
                    text.unicodeScalars.map { scalar in
                        let isLegal =
                            scalar.value >= 0x20 ? ![0xFFFE, 0xFFFF].contains(scalar.value) : "\t\n\r".unicodeScalars.contains(scalar)
                        return isLegal ? scalar : "\u{FFFD}"
                    })))
    }
}
