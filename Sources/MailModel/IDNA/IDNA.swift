import CIDN2

/// Domain names beyond ASCII: UTS #46, non-transitional, with the Bidi and joiner rules of IDNA 2008 (RFC 5891, RFC 5893, RFC 5892 appendix A.1, A.2).
///
/// Mapping, normalisation, Punycode and the table of code points are libidn2's, whose functions are pure and thread-safe. Its STD3 flag
/// stays off, because with it libidn2 drops what is not allowed instead of refusing it; ``DomainName`` checks letters, digits and hyphens.
enum IDNA {
    /// A label that is refused, and why: the rest of a sentence that begins with "The label …".
    struct Fault: Error {
        let label: String
        let reason: String
    }

    static let prefix = "xn--"

    /// The ASCII form of a name, lower case.
    ///
    /// Its labels may still be empty or have ASCII characters that no host name has.
    ///
    /// - Parameter name: without NUL, at which C would end it.
    static func ascii(_ name: String) throws(Fault) -> String {
        let (ascii, code) = lookUp(name)
        guard let ascii else { throw fault(code, in: name) }
        for label in ascii.split(separator: ".") where label.hasPrefix(prefix) { try check(String(label)) }
        return ascii
    }

    /// Checks what libidn2 does not: labels that differ from the encoding of their decoded form, and gaps in its Bidi rule.
    private static func check(_ label: String) throws(Fault) {
        guard let text = decoded(label), lookUp(text).ascii == label else { throw Fault(label: label, reason: wrongPrefix) }
        // The three characters beyond ASCII that STD3 forbids: they decompose to "=", "<", ">" and a stroke.
        if let scalar = text.unicodeScalars.first(where: { "\u{2260}\u{226E}\u{226F}".unicodeScalars.contains($0) }) {
            throw Fault(label: text, reason: "contains the character \(scalar.codePoint), which is not allowed in a domain name")
        }
        guard isBidirectional(text) else { throw Fault(label: text, reason: reason(IDN2_BIDI)) }
    }
}

extension IDNA {
    /// libidn2's answer: the ASCII form, or `nil` and its code.
    private static func lookUp(_ name: String) -> (ascii: String?, code: idn2_rc) {
        let flags = Int32(bitPattern: IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        return string { idn2_to_ascii_8z(name, $0, flags) }
    }

    private static func decoded(_ name: String) -> String? {
        string { idn2_to_unicode_8z8z(name, $0, 0) }.0
    }

    /// Runs a function that allocates a C string, and frees it.
    private static func string(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32) -> (String?, idn2_rc) {
        var output: UnsafeMutablePointer<CChar>?
        let code = idn2_rc(body(&output))
        defer { idn2_free(output) }
        guard code == IDN2_OK, let output else { return (nil, code) }
        return (String(cString: output), code)
    }
}

extension IDNA {
    /// libidn2 judges a whole name: each label is checked alone to find the one at fault.
    private static func fault(_ code: idn2_rc, in name: String) -> Fault {
        let labels = name.split(omittingEmptySubsequences: true) { ".\u{3002}\u{FF0E}\u{FF61}".contains($0) }.map(String.init)
        for label in labels {
            let (ascii, code) = lookUp(label)
            if ascii == nil { return Fault(label: label, reason: reason(code, of: label)) }
        }
        return Fault(label: name, reason: reason(code))
    }

    private static let wrongPrefix = "begins with xn-- but decodes to characters that are not allowed in a domain name"

    private static func reason(_ code: idn2_rc, of label: String) -> String {
        if label.lowercased().hasPrefix(prefix) {
            return [IDN2_PUNYCODE_BAD_INPUT, IDN2_PUNYCODE_OVERFLOW].contains(code)
                ? "begins with xn-- but is not valid Punycode" : code == IDN2_BIDI ? reason(code) : wrongPrefix
        }
        guard [IDN2_DISALLOWED, IDN2_UNASSIGNED].contains(code),
            let scalar = label.unicodeScalars.first(where: { [IDN2_DISALLOWED, IDN2_UNASSIGNED].contains(lookUp(String($0)).code) })
        else { return reason(code) }
        return "contains the character \(scalar.codePoint), which is not allowed in a domain name"
    }

    private static func reason(_ code: idn2_rc) -> String {
        switch code {
        case IDN2_2HYPHEN: "must not have two hyphens in the third and fourth place"
        case IDN2_HYPHEN_STARTEND: "must not begin or end with a hyphen"
        case IDN2_LEADING_COMBINING: "must not begin with a combining mark"
        case IDN2_CONTEXTJ, IDN2_CONTEXTJ_NO_RULE: "has a zero-width joiner or non-joiner where it joins nothing"
        case IDN2_BIDI: "mixes text of both writing directions in a way that is not allowed (RFC 5893)"
        case IDN2_PUNYCODE_BIG_OUTPUT, IDN2_TOO_BIG_LABEL:
            "is longer than \(DomainName.maximumLabelLength) characters in its ASCII form"
        case IDN2_TOO_BIG_DOMAIN: "belongs to a name longer than \(DomainName.maximumLength) characters"
        default: "contains characters that are not allowed in a domain name"
        }
    }
}
