import Glibc
import MailModel
import NIOCore

extension IPAddress {
    /// Reads a host as every resolver would that knows addresses only: dotted IPv4, the short, octal, hexadecimal and decimal forms of
    /// `inet_aton`, and IPv6. `nil` for a name.
    init?(literal host: String) {
        var address = in_addr()
        if inet_aton(host, &address) == 1 {
            self = .v4(UInt32(bigEndian: address.s_addr))
        } else {
            self.init(host)
        }
    }

    /// - Throws: never for the four and sixteen bytes that an address has.
    func socketAddress(port: Int) throws -> SocketAddress {
        switch self {
        case .v4(let bits): try SocketAddress(packedIPAddress: ByteBuffer(integer: bits), port: port)
        case .v6(let bits): try SocketAddress(packedIPAddress: ByteBuffer(integer: bits), port: port)
        }
    }
}
