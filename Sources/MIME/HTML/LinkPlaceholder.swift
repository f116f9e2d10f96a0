/// The placeholder for a recipient's link in a text that a customer writes (specification 9.4).
///
/// A link that acts in the recipient's name must lead here and nowhere else: as a part of another URL, `https://shop.example/?{{link}}`, it would be told
/// to that server, by an image without any click.
package struct LinkPlaceholder: Sendable {
    private let name: String

    /// A placeholder, such as `{{link}}`.
    package init(_ name: String) {
        self.name = name
    }

    /// Returns whether the placeholder is in a text, and stands by itself wherever it does: behind white space or an opening bracket and, in HTML, only in
    /// what is read or as the whole target of a link.
    package func standsAlone(in text: String) -> Bool {
        let count = occurrences(in: text)
        guard count > 0 else { return false }
        return HTMLText.isHTML(text) ? safeOccurrences(inHTML: text) == count : safeOccurrences(in: text) == count
    }

    private func occurrences(in text: String) -> Int {
        text.ranges(of: name).count
    }

    private func safeOccurrences(in text: String) -> Int {
        text.ranges(of: name).count { range in
            guard let before = text[..<range.lowerBound].last else { return true }
            return before.isWhitespace || "<([".contains(before)
        }
    }

    /// Style sheets, comments and the other attributes of tags are not counted.
    private func safeOccurrences(inHTML html: String) -> Int {
        var tokens = HTMLTokenizer(html, keepsAttributes: true)
        var count = 0
        while let token = tokens.next() {
            switch token {
            case .text(let bytes): count += safeOccurrences(in: String(decoding: bytes, as: UTF8.self))
            case .start("a", let attributes, _) where isTarget(of: attributes): count += 1
            case .start, .end: break
            }
        }
        return count
    }

    /// `ping` would tell the target to another server.
    private func isTarget(of attributes: HTMLAttributes) -> Bool {
        let target = attributes.all.first { $0.name == "href" }?.value
        return target == Array(name.utf8) && !attributes.all.contains { $0.name == "ping" }
    }
}
