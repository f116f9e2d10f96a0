extension IDNA {
    /// The parts of the Bidi rule (RFC 5893 section 2) that libidn2 leaves out, for a label that passed its checks: a label written from
    /// right to left ends in a letter or digit, marks aside (condition 3), and has European or Arabic digits, not both (condition 4).
    static func isBidirectional(_ label: String) -> Bool {
        let scalars = label.unicodeScalars
        guard scalars.contains(where: isRightToLeft) else { return true }
        guard let last = scalars.last(where: { $0.properties.generalCategory != .nonspacingMark }) else { return true }
        guard isRightToLeft(last) || isEuropeanDigit(last) || isArabicDigit(last) else { return false }
        return !(scalars.contains(where: isEuropeanDigit) && scalars.contains(where: isArabicDigit))
    }

    /// Bidi class R or AL: the blocks of those scripts, less their digits and marks.
    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: break
        default: return false
        }
        return switch scalar.properties.generalCategory {
        case .nonspacingMark: false
        default: !isEuropeanDigit(scalar) && !isArabicDigit(scalar)
        }
    }

    /// Bidi class EN, as far as domain names may have it.
    private static func isEuropeanDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "0"..."9", "\u{6F0}"..."\u{6F9}": true
        default: false
        }
    }

    /// Bidi class AN, as far as domain names may have it.
    private static func isArabicDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{660}"..."\u{669}", "\u{10D30}"..."\u{10D39}": true
        default: false
        }
    }
}
