/// The encodings of text that previews know (RFC 2978): UTF-8, ASCII, ISO 8859-1 and Windows-1252.
///
/// Text in any other is read as UTF-8, with a mark for each byte that is none.
enum Charset {
    /// Returns bytes in an encoding as text.
    static func decode(_ bytes: some Sequence<UInt8>, _ name: String?) -> String {
        switch name?.lowercased() {
        case "iso-8859-1", "latin1", "windows-1252", "cp1252", "iso_8859-1", "iso-8859-15": singleByte(bytes)
        default: String(decoding: Array(bytes), as: UTF8.self)
        }
    }

    /// Windows-1252, which programs send under the name of ISO 8859-1 too.
    private static func singleByte(_ bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes {
            let isSpecial = (0x80...0x9F).contains(byte)
            text.append(isSpecial ? windows1252[Int(byte) - 0x80] : UnicodeScalar(byte))
        }
        return String(text)
    }

    /// What stands at 0x80 to 0x9F; where nothing does, the mark for what cannot be read.
    private static let windows1252 = Array("€\u{FFFD}‚ƒ„…†‡ˆ‰Š‹Œ\u{FFFD}Ž\u{FFFD}\u{FFFD}‘’“”•–—˜™š›œ\u{FFFD}žŸ".unicodeScalars)
}
