/// The addresses that begin with the same bits, such as `10.0.0.0/8` (RFC 4632 section 3.1, RFC 4291 section 2.3).
package struct IPNetwork: Sendable, Hashable {
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
}

extension IPAddress {
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
