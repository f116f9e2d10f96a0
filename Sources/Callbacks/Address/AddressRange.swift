import MailModel

/// A range of addresses that are not public.
///
/// Sources: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890), and the transition mechanisms whose IPv6 addresses
/// embed an IPv4 address.
struct AddressRange: Sendable {
    /// The range's name, for the explanation of a callback that is refused.
    let name: String
    /// Whether an organisation may use it for its own machines: with `callbacks.allowPrivate` it is allowed.
    let isPrivate: Bool
    let network: IPNetwork

    private static func v4(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ length: Int, _ name: String, isPrivate: Bool = false) -> AddressRange {
        AddressRange(name: name, isPrivate: isPrivate, network: IPNetwork(.v4(a << 24 | b << 16 | c << 8), length: length))
    }

    /// - Parameter groups: the first groups of 16 bits, of the eight that an address has.
    private static func v6(_ groups: [UInt128], _ length: Int, _ name: String, isPrivate: Bool = false) -> AddressRange {
        let bits = groups.reduce(0) { $0 << 16 | $1 } << UInt128(16 * (8 - groups.count))
        return AddressRange(name: name, isPrivate: isPrivate, network: IPNetwork(.v6(bits), length: length))
    }

    /// All ranges that are not public.
    static let all: [AddressRange] = [
        v4(0, 0, 0, 8, "this network"),
        v4(10, 0, 0, 8, "private", isPrivate: true),
        v4(100, 64, 0, 10, "shared by a carrier's NAT", isPrivate: true),
        v4(127, 0, 0, 8, "loopback", isPrivate: true),
        v4(169, 254, 0, 16, "link-local"),
        v4(172, 16, 0, 12, "private", isPrivate: true),
        v4(192, 0, 0, 24, "of IETF protocols"),
        v4(192, 0, 2, 24, "for documentation"),
        v4(192, 31, 196, 24, "of AS112"),
        v4(192, 52, 193, 24, "of AMT"),
        v4(192, 88, 99, 24, "of 6to4 relays"),
        v4(192, 168, 0, 16, "private", isPrivate: true),
        v4(192, 175, 48, 24, "of AS112"),
        v4(198, 18, 0, 15, "for benchmarks"),
        v4(198, 51, 100, 24, "for documentation"),
        v4(203, 0, 113, 24, "for documentation"),
        v4(224, 0, 0, 4, "multicast"),
        v4(240, 0, 0, 4, "reserved"),

        v6([0, 0, 0, 0, 0, 0, 0, 1], 128, "loopback", isPrivate: true),
        v6([0, 0, 0, 0, 0, 0xFFFF], 96, "IPv4-mapped"),
        v6([0, 0, 0, 0, 0xFFFF, 0], 96, "IPv4-translated"),
        v6([0, 0, 0, 0, 0, 0], 96, "IPv4-compatible"),
        v6([0x64, 0xFF9B, 0, 0, 0, 0], 96, "NAT64"),
        v6([0x64, 0xFF9B, 1], 48, "NAT64"),
        v6([0x2001, 0], 32, "Teredo"),
        v6([0x2001], 23, "of IETF protocols"),
        v6([0x2001, 0xDB8], 32, "for documentation"),
        v6([0x2002], 16, "6to4"),
        v6([0x3FFF], 20, "for documentation"),
        v6([0xFC00], 7, "unique local", isPrivate: true),
        v6([0xFE80], 10, "link-local"),
        v6([0xFEC0], 10, "site-local"),
        v6([0xFF00], 8, "multicast"),
    ]
}
