/// What separates the parts of a multipart (RFC 2046 section 5.1.1).
enum Boundary {
    /// The first of an endless row of boundaries that does not occur; the row depends on the message's id, so that a message gives the same bytes each time.
    static func choose(subtype: String, seed: String, occurs: (String) -> Bool) -> String {
        let base = "=_\(subtype)_\(String(hash(seed), radix: 36))"
        var boundary = base
        var attempt = 0
        while occurs(boundary) {
            attempt += 1
            boundary = "\(base)_\(attempt)"
        }
        return boundary
    }

    static func occurs(_ boundary: String, in bytes: [UInt8]) -> Bool {
        let pattern = Array(boundary.utf8)
        guard bytes.count >= pattern.count else { return false }
        return bytes.indices.dropLast(pattern.count - 1).contains { bytes[$0] == pattern[0] && bytes[$0...].starts(with: pattern) }
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
