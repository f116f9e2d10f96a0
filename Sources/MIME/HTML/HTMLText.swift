import Encoding

/// The parts of HTML that mail needs: recognising it, and conversion to plain text.
package enum HTMLText {
    /// Returns whether a text has a tag: `<p>`, `</div>`, `<br/>`, `<!DOCTYPE …`, `<!-- …`.
    ///
    /// Only the names of HTML elements count, so that `a < b`, `<user@example.com>`, `<https://…>` and `<your name>` are plain text.
    package static func isHTML(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let lastClose = bytes.lastIndex(of: UInt8(ascii: ">")) else { return false }
        return bytes[..<lastClose].indices.contains { bytes[$0] == UInt8(ascii: "<") && beginsTag(bytes, at: $0) }
    }

    /// - Precondition: a `>` follows somewhere behind the index.
    private static func beginsTag(_ bytes: [UInt8], at index: Int) -> Bool {
        if matches(Array("<!--".utf8), in: bytes, at: index) || matches(Array("<!doctype".utf8), in: bytes, at: index) { return true }
        let start = index + 1 + (bytes[index + 1] == UInt8(ascii: "/") ? 1 : 0)
        let name = bytes[start...].prefix(longestName + 1).prefix(while: isNameCharacter)
        guard case let end = start + name.count, end < bytes.count,
            isSpace(bytes[end]) || bytes[end] == UInt8(ascii: ">") || bytes[end] == UInt8(ascii: "/")
        else { return false }
        return elements.contains(String(decoding: name, as: UTF8.self).lowercased())
    }

    /// Whether `pattern`, in lower case, is at the index, ignoring case.
    static func matches(_ pattern: [UInt8], in bytes: [UInt8], at index: Int) -> Bool {
        bytes.count - index >= pattern.count && pattern.indices.allSatisfy { lowercased(bytes[index + $0]) == pattern[$0] }
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowercased(byte))
    }

    static func isNameCharacter(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static let longestName = 10

    /// The elements of the HTML standard, and obsolete ones that mail still uses.
    private static let elements = Set(
        """
        a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote body br button canvas caption center cite \
        code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset \
        h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee menu meta meter nav nobr \
        noframes noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp script section select slot small source \
        span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr
        """.split(separator: " ").map(String.init))
}

/// The visible unsubscribe link at the end of a body (specification 5.4).
package enum UnsubscribeLink {
    /// The words of a link for which the sender gives none.
    package static let standardLabel = "Unsubscribe"

    /// Inserts the link before the last `</body>`, or at the end where there is none.
    package static func append(url: String, label: String, toHTML html: String) -> String {
        let link = "<p><a href=\"\(HTMLEscaping.escape(url))\">\(HTMLEscaping.escape(label))</a></p>"
        let bytes = Array(html.utf8)
        let closing = Array("</body".utf8)
        guard let index = bytes.indices.last(where: { bytes[$0] == closing[0] && HTMLText.matches(closing, in: bytes, at: $0) }) else {
            return html + link
        }
        return String(decoding: bytes[..<index], as: UTF8.self) + link + String(decoding: bytes[index...], as: UTF8.self)
    }

    /// Appends label and link, each on a line of its own.
    package static func append(url: String, label: String, toText text: String) -> String {
        let line = label.split(whereSeparator: \.isNewline).joined(separator: " ")
        let separator = text.isEmpty ? "" : text.last?.isNewline == true ? "\n" : "\n\n"
        return text + separator + line + "\n" + url + "\n"
    }
}
