/// The addresses that begin with the same bits, such as `10.0.0.0/8` (RFC 4632 section 3.1, RFC 4291 section 2.3).
package struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
    private let first: IPAddress
    private let length: Int

    /// A network.
    ///
    /// - Parameters:
    ///   - first: its first address.
    ///   - length: the length of its prefix in bits; at most 32 or 128.
    package init(_ first: IPAddress, length: Int) {
        self.first = first
        self.length = length
    }

    /// Reads an address, or one with the length of its network; bits behind that length have to be zero.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first.flatMap({ IPAddress($0) }) else { return nil }
        let width = first.width
        var length = width
        if parts.count == 2 {
            guard let number = Int(parts[1]), number.description == parts[1], (0...width).contains(number) else { return nil }
            length = number
        }
        self.init(first, length: length)
        guard first.hasNothing(behind: length) else { return nil }
    }

    /// Whether the address belongs to the network; one of the other family never does.
    package func contains(_ address: IPAddress) -> Bool {
        switch (first, address) {
        case (.v4(let first), .v4(let address)): (first ^ address) >> (32 - length) == 0
        case (.v6(let first), .v6(let address)): (first ^ address) >> (128 - length) == 0
        default: false
        }
    }

    /// Whether every address of another network belongs to this one.
    package func contains(_ network: IPNetwork) -> Bool {
        length <= network.length && contains(network.first)
    }

    /// The network of IPv4 addresses that one of IPv4-mapped addresses stands for (RFC 4291 section 2.5.5.2); else the network.
    package var unmapped: IPNetwork {
        guard length >= 96, case .v4(let bits) = first.unmapped, case .v6 = first else { return self }
        return IPNetwork(.v4(bits), length: length - 96)
    }

    /// As it is read: `192.0.2.7` for a single address, else `2001:db8::/32`.
    package var description: String {
        length == first.width ? first.description : "\(first)/\(length)"
    }
}

extension IPAddress {
    /// Returns what counts as one client of an address: the /64 network of IPv6, which one customer has as a whole; else the address.
    ///
    /// - Parameter text: an address; any other text, such as `local` of a unix socket, is returned as it is.
    package static func client(of text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: ":")), let address = IPAddress(text)?.unmapped else { return text }
        guard case .v6(let bits) = address else { return address.description }
        return IPNetwork(.v6((bits >> 64) << 64), length: 64).description
    }

    /// In bits.
    fileprivate var width: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    fileprivate func hasNothing(behind length: Int) -> Bool {
        switch self {
        case .v4(let bits): bits << length == 0
        case .v6(let bits): bits << length == 0
        }
    }
}
