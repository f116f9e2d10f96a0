import Encoding

/// A parameter of a MIME field with an arbitrary value: a file name.
enum Parameter {
    private static let shortLength = 60

    /// Returns the parameter, in several pieces where it is long or not ASCII (RFC 2231 sections 3 and 4).
    static func segments(_ name: String, _ value: String) -> [String] {
        let value = HeaderSyntax.withoutControls(value)
        if value.utf8.count <= shortLength, value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            return ["\(name)=\(HeaderSyntax.quotedString(value))"]
        }
        let pieces = encodedPieces(value)
        guard pieces.count > 1 else { return ["\(name)*=utf-8''\(pieces[0])"] }
        return pieces.enumerated().map { index, piece in "\(name)*\(index)*=\(index == 0 ? "utf-8''" : "")\(piece)" }
    }

    /// The percent-encoded pieces.
    ///
    /// No character is split.
    private static func encodedPieces(_ value: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for scalar in value.unicodeScalars {
            let encoded = PercentEncoding.encode(String(scalar), keeping: isAttributeCharacter)
            if piece.utf8.count + encoded.utf8.count > shortLength {
                pieces.append(piece)
                piece = ""
            }
            piece += encoded
        }
        return pieces + [piece]
    }

    /// A safe subset of `attribute-char` in RFC 2231 section 7.
    private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
