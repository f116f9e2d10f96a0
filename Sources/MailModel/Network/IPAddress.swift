/// An IP address as a number, so that the address that is checked is the one that is connected to.
package enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    case v6(UInt128)

    /// An address of four or sixteen bytes in network order; `nil` for any other count.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self = .v6(bytes.reduce(0) { $0 << 8 | UInt128($1) })
        default: return nil
        }
    }

    /// The IPv4 address that an IPv4-mapped one stands for (RFC 4291 section 2.5.5.2), as a socket for both families shows it; else the address.
    package var unmapped: IPAddress {
        guard case .v6(let bits) = self, bits >> 32 == 0xFFFF else { return self }
        return .v4(UInt32(truncatingIfNeeded: bits))
    }
}

extension IPAddress {
    /// Reads `192.0.2.1` or `2001:db8::1` (RFC 4291 section 2.2), strictly: nothing around it, no leading zeros in IPv4, no zone.
    package init?(_ text: some StringProtocol) {
        let text = Substring(text)
        guard let address = text.utf8.contains(UInt8(ascii: ":")) ? Self.v6(text) : Self.v4(text).map(IPAddress.v4) else { return nil }
        self = address
    }

    /// Allocates nothing: the address of every caller is read.
    private static func v4(_ text: Substring) -> UInt32? {
        var bits: UInt32 = 0
        var octet: UInt32?
        var points = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = UInt32(byte - UInt8(ascii: "0"))
                guard octet != 0 else { return nil }
                octet = octet.map { $0 * 10 + digit } ?? digit
                guard octet ?? 0 <= 255 else { return nil }
            case UInt8(ascii: "."):
                guard let complete = octet, points < 3 else { return nil }
                bits = bits << 8 | complete
                octet = nil
                points += 1
            default: return nil
            }
        }
        return points == 3 ? octet.map { bits << 8 | $0 } : nil
    }

    private static func v6(_ text: Substring) -> IPAddress? {
        guard let gap = text.firstRange(of: "::") else {
            return groups(text, mayEndInV4: true).flatMap { $0.count == 8 ? .v6(joined($0)) : nil }
        }
        guard let head = groups(text[..<gap.lowerBound], mayEndInV4: false),
            let tail = groups(text[gap.upperBound...], mayEndInV4: true), head.count + tail.count < 8
        else { return nil }
        return .v6(joined(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail))
    }

    private static func joined(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// The groups of 16 bits between colons; the last two may be written as IPv4.
    private static func groups(_ text: Substring, mayEndInV4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var end: [UInt16] = []
        if mayEndInV4, let last = parts.last, last.contains(".") {
            guard let bits = v4(last) else { return nil }
            end = [UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits)]
            parts.removeLast()
        }
        var groups: [UInt16] = []
        for part in parts {
            guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16) else { return nil }
            groups.append(group)
        }
        return groups + end
    }
}

extension IPAddress: CustomStringConvertible {
    /// `192.0.2.1`, or the shortest form of IPv6 (RFC 5952 section 4).
    package var description: String {
        switch self {
        case .v4(let bits): stride(from: 24, through: 0, by: -8).map { String(bits >> UInt32($0) & 0xFF) }.joined(separator: ".")
        case .v6(let bits): Self.text(stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: bits >> UInt128($0)) })
        }
    }

    /// The longest run of two or more groups that are 0, the first of the longest, is written as `::`.
    private static func text(_ groups: [UInt16]) -> String {
        var longest = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > max(longest.count, 1) { longest = start..<index }
            start = index + 1
        }
        func hexadecimal(_ groups: ArraySlice<UInt16>) -> String { groups.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !longest.isEmpty else { return hexadecimal(groups[...]) }
        return hexadecimal(groups[..<longest.lowerBound]) + "::" + hexadecimal(groups[longest.upperBound...])
    }
}
