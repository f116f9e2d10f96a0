/// The visible unsubscribe link at the end of a message's body (specification 5.4).
package enum UnsubscribeLink {
    /// Puts the link before the last `</body>`, or at the end where there is none.
    package static func append(url: String, label: String, toHTML html: String) -> String {
        let link = "<p><a href=\"\(HTMLText.escaped(url))\">\(HTMLText.escaped(label))</a></p>"
        let bytes = Array(html.utf8)
        let closing = Array("</body".utf8)
        guard let index = bytes.indices.last(where: { bytes[$0] == closing[0] && HTMLText.matches(closing, in: bytes, at: $0) }) else {
            return html + link
        }
        return String(decoding: bytes[..<index], as: UTF8.self) + link + String(decoding: bytes[index...], as: UTF8.self)
    }

    /// Puts label and link on two lines of their own at the end.
    package static func append(url: String, label: String, toText text: String) -> String {
        let line = label.split(whereSeparator: \.isNewline).joined(separator: " ")
        let separator = text.isEmpty ? "" : text.last?.isNewline == true ? "\n" : "\n\n"
        return text + separator + line + "\n" + url + "\n"
    }
}
