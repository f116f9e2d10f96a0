import Glibc
import NIOCore

/// An IP address in numbers: what is checked is what is connected to, and no text stands between.
enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    case v6(UInt128)

    /// - Parameter bytes: four or sixteen, in network order.
    init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self = .v6(bytes.reduce(0) { $0 << 8 | UInt128($1) })
        default: return nil
        }
    }

    /// Reads a host as every resolver would that knows addresses only: dotted IPv4, the short, octal, hexadecimal and decimal forms of
    /// `inet_aton`, and IPv6. `nil` for a name.
    init?(literal host: String) {
        let address = withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { buffer -> IPAddress? in
            guard let base = buffer.baseAddress else { return nil }
            if inet_aton(host, base.assumingMemoryBound(to: in_addr.self)) == 1 { return IPAddress(bytes: buffer.prefix(4)) }
            return inet_pton(AF_INET6, host, base) == 1 ? IPAddress(bytes: buffer) : nil
        }
        guard let address else { return nil }
        self = address
    }

    /// - Throws: never for the four and sixteen bytes that an address has.
    func socketAddress(port: Int) throws -> SocketAddress {
        switch self {
        case .v4(let bits): try SocketAddress(packedIPAddress: ByteBuffer(integer: bits), port: port)
        case .v6(let bits): try SocketAddress(packedIPAddress: ByteBuffer(integer: bits), port: port)
        }
    }
}
