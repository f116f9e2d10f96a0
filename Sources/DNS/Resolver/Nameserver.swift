/// A server to ask in place of those in `/etc/resolv.conf`.
package struct Nameserver: Sendable, Equatable {
    /// An IPv4 address, its first octet highest.
    let address: UInt32
    let port: UInt16

    /// Reads `192.0.2.1` or `192.0.2.1:5353`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let octets = parts[0].split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count <= 2, octets.count == 4, let port = parts.count == 2 ? UInt16(parts[1]) : 53, port > 0 else { return nil }
        var address: UInt32 = 0
        for octet in octets {
            guard let octet else { return nil }
            address = address << 8 | UInt32(octet)
        }
        self.address = address
        self.port = port
    }
}
