extension IDNA {
    /// Checks a label against the derived property of RFC 5892, as far as the standard library's Unicode data allow to derive it.
    static func checkCodePoints(_ label: [Unicode.Scalar]) throws(Fault) {
        if let first = label.first, isMark(first) {
            throw Fault(reason: "must not begin with the combining mark \(codePoint(first))")
        }
        for (index, scalar) in label.enumerated() where !isAllowed(scalar) && !isAllowedInContext(scalar, at: index, of: label) {
            if scalar.isASCII, !scalar.properties.isWhitespace, scalar.value > 0x20, scalar.value < 0x7F {
                throw Fault(reason: "contains \"\(scalar)\"; only letters, digits and hyphens are allowed")
            }
            throw Fault(reason: "contains the character \(codePoint(scalar)), which is not allowed in a domain name")
        }
        try checkDigits(label)
    }

    static func isLetterDigitHyphen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "0"..."9", "-": true
        default: false
        }
    }

    /// PVALID of RFC 5892 section 3, its exceptions (section 2.6) included.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isLetterDigitHyphen(scalar) }
        switch scalar {
        case "\u{DF}", "\u{3C2}", "\u{6FD}", "\u{6FE}", "\u{F0B}", "\u{3007}": return true
        case "\u{640}", "\u{7FA}", "\u{302E}", "\u{302F}", "\u{3031}"..."\u{3035}", "\u{303B}": return false
        // Old Hangul jamo, and blocks of marks for symbols and music.
        case "\u{1100}"..."\u{11FF}", "\u{A960}"..."\u{A97F}", "\u{D7B0}"..."\u{D7FF}": return false
        case "\u{20D0}"..."\u{20FF}", "\u{1D100}"..."\u{1D24F}": return false
        default: break
        }
        let properties = scalar.properties
        guard !properties.changesWhenNFKCCaseFolded, !properties.isDefaultIgnorableCodePoint else { return false }
        return switch properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber: true
        default: false
        }
    }

    /// CONTEXTJ and CONTEXTO of RFC 5892 appendix A.
    private static func isAllowedInContext(_ scalar: Unicode.Scalar, at index: Int, of label: [Unicode.Scalar]) -> Bool {
        let before = index > 0 ? label[index - 1] : nil
        let after = index + 1 < label.count ? label[index + 1] : nil
        return switch scalar {
        case "\u{200C}", "\u{200D}": before?.properties.canonicalCombiningClass == .virama
        case "\u{B7}": before == "l" && after == "l"
        case "\u{375}": after.map { ("\u{370}"..."\u{3FF}").contains($0) || ("\u{1F00}"..."\u{1FFF}").contains($0) } ?? false
        case "\u{5F3}", "\u{5F4}": before.map { ("\u{591}"..."\u{5F4}").contains($0) } ?? false
        case "\u{30FB}": label.contains { $0 != "\u{30FB}" && (("\u{3041}"..."\u{30FF}").contains($0) || $0.properties.isIdeographic) }
        default: false
        }
    }

    /// Arabic-Indic digits and their extended forms do not mix (RFC 5892 appendix A.8 and A.9).
    private static func checkDigits(_ label: [Unicode.Scalar]) throws(Fault) {
        guard label.contains(where: { ("\u{660}"..."\u{669}").contains($0) }),
            label.contains(where: { ("\u{6F0}"..."\u{6F9}").contains($0) })
        else { return }
        throw Fault(reason: "mixes two kinds of Arabic digits")
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
