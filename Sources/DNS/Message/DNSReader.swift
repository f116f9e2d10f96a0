/// Reads the parts of a DNS message, with bounds checks (RFC 1035 section 4.1).
package struct DNSReader {
    /// The message ends early, or has a name that is not valid.
    package struct Malformed: Error, Equatable {}

    /// The whole message.
    package let bytes: [UInt8]
    /// The index of the next byte.
    package private(set) var position: Int

    /// A reader of a message, at a position in it.
    package init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// Reads a byte.
    package mutating func byte() throws(Malformed) -> UInt8 {
        guard position < bytes.count else { throw Malformed() }
        defer { position += 1 }
        return bytes[position]
    }

    /// Reads a 16-bit number in network byte order.
    package mutating func uint16() throws(Malformed) -> UInt16 {
        UInt16(try byte()) << 8 | UInt16(try byte())
    }

    /// Reads a 32-bit number in network byte order.
    package mutating func uint32() throws(Malformed) -> UInt32 {
        UInt32(try uint16()) << 16 | UInt32(try uint16())
    }

    /// Reads a byte.
    ///
    /// Reads a number of bytes.
    package mutating func bytes(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw Malformed() }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// The maximum length of a name in bytes, with its length octets except the last (RFC 1035 section 2.3.4).
    private static let longestName = 254

    /// Reads a name, which may continue elsewhere in the message (compression, section 4.1.4).
    ///
    /// Every pointer has to point further back than the one before it, so that there are no loops.
    package mutating func name() throws(Malformed) -> String {
        var labels: [String] = []
        var length = 0
        var part = DNSReader(bytes, at: position)
        var lowest = position
        var end: Int?
        while true {
            let octet = try part.byte()
            switch octet & 0xC0 {
            case 0x00 where octet == 0:
                position = end ?? part.position
                return labels.joined(separator: ".")
            case 0x00:
                length += 1 + Int(octet)
                guard length <= Self.longestName else { throw Malformed() }
                labels.append(Self.text(of: try part.bytes(Int(octet))))
            case 0xC0:
                let target = Int(octet & 0x3F) << 8 | Int(try part.byte())
                end = end ?? part.position
                guard target < lowest else { throw Malformed() }
                lowest = target
                part = DNSReader(bytes, at: target)
            default: throw Malformed()
            }
        }
    }

    private static func text(of label: ArraySlice<UInt8>) -> String {
        label.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                text.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
            default:
                let digits = String(byte)
                text += "\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
            }
        }
    }
}
