/// Takes personal data and secrets out of the texts of log lines (specification 14.4).
///
/// Messages name neither, but errors of providers, of mail servers and of libraries may: `550 5.1.1 <eva@example.org>: user unknown`. This is the last
/// place that they pass.
enum LogRedaction {
    private static let at = UInt8(ascii: "@")
    private static let hidden = Array("***".utf8)
    /// The length of the token of a link, and the least of an API key behind its `mk_`.
    private static let tokenLength = 43

    /// Returns a text in which addresses are masked, `e***@example.org`, and the tokens of API keys and of recipients' links are left out.
    static func redacted(_ text: String) -> String {
        // Most values have no sign of either, or no room for a token behind it: no copy is made of them.
        let hasRoom = text.utf8.count >= 3 + tokenLength
        let isSign = { (byte: UInt8) in byte == at || (hasRoom && (byte == UInt8(ascii: "_") || byte == UInt8(ascii: "/"))) }
        guard text.utf8.contains(where: isSign) else { return text }
        let bytes = Array(text.utf8)
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == at {
                maskAddress(in: &kept)
            } else if let start = tokenStart(in: bytes, at: index) {
                kept += bytes[index..<start] + hidden
                index = start + bytes[start...].prefix(while: isOfToken).count
                continue
            }
            kept.append(bytes[index])
            index += 1
        }
        return kept == bytes ? text : String(decoding: kept, as: UTF8.self)
    }

    /// Replaces the local part at the end of what is kept, all but its first character; behind a colon all of it, as it may be the password of a URL.
    private static func maskAddress(in kept: inout [UInt8]) {
        let count = kept.reversed().prefix(while: isOfLocalPart).count
        guard count > 0 else { return }
        let first = kept[kept.count - count]
        kept.removeLast(count)
        if count > 1, first < 0x80, kept.last != UInt8(ascii: ":") { kept.append(first) }
        kept += hidden
    }

    /// Returns where the token begins behind `mk_`, `/u/` or `/c/` at an index; `nil` where there is none.
    private static func tokenStart(in bytes: [UInt8], at index: Int) -> Int? {
        let start = index + 3
        guard start + tokenLength <= bytes.count, prefixes.contains(where: { bytes[index..<start].elementsEqual($0) }),
            bytes[start..<(start + tokenLength)].allSatisfy(isOfToken)
        else { return nil }
        return start
    }

    private static let prefixes = ["mk_", "/u/", "/c/"].map { Array($0.utf8) }

    private static func isOfToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// RFC 5322 section 3.2.3 `atext` and dots, and bytes beyond ASCII.
    ///
    /// Quoted local parts end at their last quote, which shows nothing of them.
    private static func isOfLocalPart(_ byte: UInt8) -> Bool {
        isOfToken(byte) || byte >= 0x80 || ".!#$%&'*+=?^`{|}~\"".utf8.contains(byte)
    }
}
