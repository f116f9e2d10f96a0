/// The rule for text that is put into a header field: subjects, display names.
package enum HeaderText {
    /// Why a text must not stand in a header field: a sentence for people that names the field and the character.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        /// The fault, in a sentence.
        package let description: String
    }

    /// Refuses line breaks, NUL and all other control characters (Unicode category Cc): with a line break, a text could
    /// add header fields of its own or end the header.
    ///
    /// - Parameter field: the name of the request's field, for the message.
    package static func check(_ text: String, in field: String) throws(Invalid) {
        // Controls are the bytes below 0x20, 0x7F, and U+0080…U+009F, whose first byte is C2.
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else { return }
        for (index, scalar) in text.unicodeScalars.enumerated() where scalar.properties.generalCategory == .control {
            throw Invalid(description: "\(field) must not contain \(name(of: scalar)) (character \(index + 1)).")
        }
    }

    private static func name(of scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "a line feed"
        case "\r": "a carriage return"
        case "\t": "a tab"
        case "\0": "a NUL character"
        default: "the control character \(scalar.codePoint)"
        }
    }
}
