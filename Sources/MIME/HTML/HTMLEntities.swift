/// The character references of HTML: numeric ones, and the names that are used in mail.
enum HTMLEntities {
    private static let longestName = 10

    /// Returns the text with its references resolved; anything else stays as it is.
    static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        guard text.contains(UInt8(ascii: "&")) else { return Array(text) }
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var position = text.startIndex
        while position < text.endIndex {
            if text[position] == UInt8(ascii: "&"), let (scalar, length) = reference(in: text[position...]) {
                output.append(contentsOf: String(scalar).utf8)
                position += length
            } else {
                output.append(text[position])
                position += 1
            }
        }
        return output
    }

    /// The reference at the beginning of `text`, and its length.
    private static func reference(in text: ArraySlice<UInt8>) -> (Unicode.Scalar, length: Int)? {
        let window = text.dropFirst().prefix(longestName + 1)
        guard let end = window.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = String(decoding: window[..<end], as: UTF8.self)
        let scalar = name.hasPrefix("#") ? numeric(name.dropFirst()) : named[name]
        return scalar.map { ($0, end - text.startIndex + 1) }
    }

    /// NUL, surrogates and numbers beyond Unicode are U+FFFD; 128–159 are Windows-1252, as in browsers.
    private static func numeric(_ digits: Substring) -> Unicode.Scalar? {
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        let digits = isHexadecimal ? digits.dropFirst() : digits
        guard digits.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(digits, radix: isHexadecimal ? 16 : 10)
        else { return nil }
        if (0x80...0x9F).contains(value) { return windows1252[Int(value) - 0x80] }
        if value == 0xA0 { return " " }
        return value == 0 ? "\u{FFFD}" : Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    private static let windows1252 =
        Array(
            "\u{20AC}\u{81}\u{201A}\u{192}\u{201E}\u{2026}\u{2020}\u{2021}\u{2C6}\u{2030}\u{160}\u{2039}\u{152}\u{8D}\u{17D}\u{8F}"
                .unicodeScalars)
        + Array(
            "\u{90}\u{2018}\u{2019}\u{201C}\u{201D}\u{2022}\u{2013}\u{2014}\u{2DC}\u{2122}\u{161}\u{203A}\u{153}\u{9D}\u{17E}\u{178}"
                .unicodeScalars)

    private static let named: [String: Unicode.Scalar] = {
        // Latin-1 in the order of its code points, from 161 on (HTML 4.01 section 24.2).
        let latin1 = """
            iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm \
            raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml \
            ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring \
            aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute \
            ucirc uuml yacute thorn yuml
            """
        var names: [String: Unicode.Scalar] = [
            "amp": "&", "AMP": "&", "lt": "<", "LT": "<", "gt": ">", "GT": ">", "quot": "\"", "QUOT": "\"", "apos": "'", "nbsp": " ",
            "ensp": " ", "emsp": " ", "thinsp": " ", "zwnj": "\u{200C}", "zwj": "\u{200D}", "lrm": "\u{200E}", "rlm": "\u{200F}",
            "ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’", "sbquo": "‚", "ldquo": "“", "rdquo": "”", "bdquo": "„", "lsaquo": "‹",
            "rsaquo": "›",
            "hellip": "…", "bull": "•", "dagger": "†", "Dagger": "‡", "permil": "‰", "prime": "′", "Prime": "″", "euro": "€", "trade": "™",
            "larr": "←", "uarr": "↑", "rarr": "→", "darr": "↓", "harr": "↔", "rArr": "⇒", "minus": "−", "le": "≤", "ge": "≥", "ne": "≠",
            "asymp": "≈",
            "infin": "∞", "radic": "√", "sum": "∑", "check": "✓", "star": "☆", "starf": "★", "hearts": "♥", "spades": "♠", "clubs": "♣",
            "diams": "♦",
            "OElig": "Œ", "oelig": "œ", "Scaron": "Š", "scaron": "š", "Yuml": "Ÿ", "fnof": "ƒ", "circ": "ˆ", "tilde": "˜", "alpha": "α",
            "beta": "β",
            "gamma": "γ", "delta": "δ", "pi": "π", "mu": "μ", "sigma": "σ", "omega": "ω", "Omega": "Ω", "Delta": "Δ",
        ]
        for (index, name) in latin1.split(separator: " ").enumerated() { names[String(name)] = Unicode.Scalar(UInt32(161 + index)) }
        return names
    }()
}
