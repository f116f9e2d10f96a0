/// Domain names beyond ASCII, by IDNA 2008 (RFC 5891, RFC 5892) with the mappings people expect (RFC 5895, in the spirit of UTS #46).
///
/// What is left out, because the standard library has no data for it: compatibility mappings other than full-width ASCII (such characters are
/// refused, not mapped), the rule for right-to-left labels (RFC 5893), and the zero-width non-joiner between joining letters.
enum IDNA {
    /// Why a label is refused: the rest of a sentence that begins with "The label …".
    struct Fault: Error {
        let reason: String
    }

    static let prefix = "xn--"

    /// Lower case, full-width ASCII and ideographic full stops as their plain forms, NFC.
    static func mapped(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            result.append(contentsOf: plain(scalar).properties.lowercaseMapping.unicodeScalars)
        }
        return normalized(String(result))
    }

    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "\u{3002}", "\u{FF0E}", "\u{FF61}": "."
        case "\u{FF01}"..."\u{FF5E}": Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        default: scalar
        }
    }

    /// The ASCII form of a mapped label.
    static func encoded(_ label: String) throws(Fault) -> String {
        let scalars = Array(label.unicodeScalars)
        guard scalars.first != "-", scalars.last != "-" else { throw Fault(reason: "must not begin or end with a hyphen") }
        if label.hasPrefix(prefix) {
            try checkEncoded(label)
            return label
        }
        guard !(scalars.count > 3 && scalars[2] == "-" && scalars[3] == "-") else {
            throw Fault(reason: "must not have two hyphens in the third and fourth place")
        }
        try checkCodePoints(scalars)
        guard !scalars.allSatisfy(\.isASCII) else { return label }
        return prefix + Punycode.encode(scalars)
    }

    /// A ready-made `xn--` label is its registry's business (some hold emoji); it only has to be what encoding its decoded form would give.
    private static func checkEncoded(_ label: String) throws(Fault) {
        let digits = Array(label.utf8.dropFirst(prefix.utf8.count))
        guard digits.allSatisfy({ $0 < 0x80 }), digits.count < DomainName.maximumLabelLength,
            let decoded = Punycode.decode(digits), decoded.contains(where: { !$0.isASCII }),
            Punycode.encode(decoded).utf8.elementsEqual(digits)
        else { throw Fault(reason: "begins with xn-- but is not valid Punycode") }
        let text = String(String.UnicodeScalarView(decoded))
        guard decoded.elementsEqual(normalized(text).unicodeScalars), !decoded.contains(where: isNeverInADomain) else {
            throw Fault(reason: "begins with xn-- but decodes to characters that are not allowed in a domain name")
        }
    }

    private static func isNeverInADomain(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return !isLetterDigitHyphen(scalar) }
        return switch scalar.properties.generalCategory {
        case .control, .unassigned, .privateUse, .surrogate, .spaceSeparator, .lineSeparator, .paragraphSeparator, .uppercaseLetter: true
        default: false
        }
    }
}
