/// A domain name in its ASCII form, lower case, without the root's dot: `xn--bcher-kva.example`.
package struct DomainName: Sendable, Hashable, CustomStringConvertible {
    /// The name.
    package let description: String

    /// A name that was validated before, such as one from the database.
    package init(validated name: String) {
        description = name
    }

    /// Why a text is no domain name: a sentence for people that says what was expected.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        /// The fault, in a sentence.
        package let description: String
    }

    /// Validates, lower-cases and IDNA-encodes a name that can send or receive mail.
    ///
    /// It has at least two labels of 1–63 letters, digits and inner hyphens (RFC 1123 section 2.1), 253 characters in all, and a top-level
    /// label that is not a number. Letters beyond ASCII are mapped and checked by UTS #46, see ``IDNA``. One final dot is dropped.
    package init(_ text: String) throws(Invalid) {
        if Self.isPlain(text.utf8) {
            self.init(validated: text)
        } else {
            self.init(validated: try Self.encoded(text))
        }
    }

    /// True for a name that needs no work: valid, ASCII, lower case and without `xn--`.
    ///
    /// Nearly all names are, so this is the hot path.
    static func isPlain(_ bytes: some Sequence<UInt8>) -> Bool {
        var length = 0
        var labelLength = 0
        var labels = 1
        var previous = UInt8(ascii: ".")
        var isNumber = true
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): isNumber = false
            case UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case UInt8(ascii: "-"):
                // `xn--` and other labels with two hyphens in this place are looked at more closely elsewhere.
                guard labelLength > 0, !(labelLength == 3 && previous == UInt8(ascii: "-")) else { return false }
                isNumber = false
            case UInt8(ascii: "."):
                guard labelLength > 0, previous != UInt8(ascii: "-") else { return false }
                labels += 1
                labelLength = -1
                isNumber = true
            default: return false
            }
            previous = byte
            labelLength += 1
            length += 1
            guard labelLength <= Self.maximumLabelLength, length <= Self.maximumLength else { return false }
        }
        return labels > 1 && labelLength > 0 && !isNumber && previous != UInt8(ascii: "-")
    }

    static let maximumLabelLength = 63
    static let maximumLength = 253
}

extension DomainName {
    private static func encoded(_ text: String) throws(Invalid) -> String {
        guard !text.isEmpty else { throw Invalid(description: "A domain name must not be empty.") }
        // Four bytes for each of the 253 characters is more than any name needs before it is encoded.
        guard text.utf8.count <= 4 * maximumLength else { throw tooLong }
        guard !text.hasPrefix("[") else {
            throw Invalid(description: "An IP address in brackets is not accepted: expected a domain name like example.com.")
        }
        var labels = try ascii(text).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if labels.count > 1, labels.last == "" { labels.removeLast() }
        for label in labels { try check(label, of: text) }
        try check(labels, of: text)
        return labels.joined(separator: ".")
    }

    /// The name in ASCII and lower case; its labels are not checked yet.
    private static func ascii(_ text: String) throws(Invalid) -> String {
        let lower = text.lowercased()
        // Nothing to map or to decode. NUL would end the name in C; as a character it is refused like any other.
        let isPlain = text.utf8.allSatisfy { $0 < 0x80 } && !lower.hasPrefix(IDNA.prefix) && !lower.contains("." + IDNA.prefix)
        if isPlain || text.utf8.contains(0) { return lower }
        do throws(IDNA.Fault) {
            return try IDNA.ascii(text)
        } catch {
            throw Invalid(description: "The label \(error.label.quoted) of a domain name \(error.reason).")
        }
    }

    private static func check(_ label: String, of text: String) throws(Invalid) {
        guard !label.isEmpty else {
            throw Invalid(
                description: "The domain name \(text.quoted) has an empty label: two dots follow each other, or it begins with one.")
        }
        guard let reason = fault(of: Array(label.unicodeScalars)) else { return }
        throw Invalid(description: "The label \(label.quoted) of a domain name \(reason).")
    }

    /// Letters, digits and inner hyphens (RFC 1123 section 2.1), 63 in all.
    private static func fault(of label: [Unicode.Scalar]) -> String? {
        guard label.first != "-", label.last != "-" else { return "must not begin or end with a hyphen" }
        guard label.count < 4 || label[2] != "-" || label[3] != "-" || label.starts(with: IDNA.prefix.unicodeScalars) else {
            return "must not have two hyphens in the third and fourth place"
        }
        if let scalar = label.first(where: { !isLetterDigitHyphen($0) }) {
            return (0x21...0x7E).contains(scalar.value)
                ? "contains \"\(scalar)\"; only letters, digits and hyphens are allowed"
                : "contains the character \(scalar.codePoint), which is not allowed in a domain name"
        }
        return label.count > maximumLabelLength ? "is longer than \(maximumLabelLength) characters" : nil
    }

    private static func isLetterDigitHyphen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "0"..."9", "-": true
        default: false
        }
    }

    private static func check(_ labels: [String], of text: String) throws(Invalid) {
        guard labels.count > 1 else {
            throw Invalid(description: "\(text.quoted) is not a full domain name: expected at least two labels, like example.com.")
        }
        guard labels.reduce(labels.count - 1, { $0 + $1.utf8.count }) <= maximumLength else { throw tooLong }
        guard Int64(decimal: labels[labels.count - 1].utf8.prefix(18)) == nil else {
            throw Invalid(
                description: "The domain name \(text.quoted) ends in a number: expected a name like example.com, not an IP address.")
        }
    }

    private static var tooLong: Invalid {
        Invalid(description: "A domain name must not be longer than \(maximumLength) characters.")
    }
}

extension DomainName {
    /// `example.com` of `mail.example.com`; `nil` where that would be a single label, which sends no mail.
    package var parent: DomainName? {
        guard let dot = description.firstIndex(of: ".") else { return nil }
        let rest = description[description.index(after: dot)...]
        return rest.contains(".") ? DomainName(validated: String(rest)) : nil
    }

    /// The most levels up to which a domain is looked for that mail counts for: each may cost a query.
    private static let mostLevels = 8

    /// The name and those above it, the nearest first: mail of a name that is not known counts for the first known one.
    package var chargeable: [DomainName] {
        Array(sequence(first: self, next: \.parent).prefix(Self.mostLevels))
    }

    /// Whether this is `other` or lies below it: SES's verification of a domain covers its subdomains.
    package func isWithin(_ other: DomainName) -> Bool {
        self == other || description.hasSuffix("." + other.description)
    }
}
