import Glibc
import MailModel

/// The addresses that callbacks may be sent to (specification 7.2): customers choose the URLs, and must not reach by them what they cannot
/// reach themselves (server-side request forgery).
package struct AddressPolicy: Sendable {
    /// Whether private, shared, loopback and unique local addresses are allowed, and plain http (`callbacks.allowPrivate`).
    package var allowsPrivate: Bool
    /// Whether plain http is allowed (`callbacks.allowHTTP`).
    package var allowsHTTP: Bool

    /// Creates a policy, which allows public addresses by https only unless more is given.
    package init(allowsPrivate: Bool = false, allowsHTTP: Bool = false) {
        self.allowsPrivate = allowsPrivate
        self.allowsHTTP = allowsHTTP || allowsPrivate
    }

    /// Returns why a URL is refused, whatever its name resolves to; `nil` where it is allowed.
    func refusal(of url: WebURL) -> String? {
        if url.scheme != "https", !allowsHTTP { return "only https is allowed" }
        return IPAddress(literal: url.host).flatMap(refusal)
    }

    /// Returns why an address is refused; `nil` where it may be connected to.
    func refusal(of address: IPAddress) -> String? {
        if let range = AddressRange.all.first(where: { $0.network.contains(address) }) {
            return allowsPrivate && range.isPrivate ? nil : "the address is not public (\(range.name))"
        }
        // Only 2000::/3 is assigned to global unicast (RFC 4291 section 2.4).
        if case .v6(let bits) = address, bits >> 125 != 1 { return "the address is not public (unassigned)" }
        return nil
    }
}

extension IPAddress {
    /// Reads a host in every form that resolvers take for an address: dotted IPv4, the short, octal, hexadecimal and decimal forms of
    /// `inet_aton`, and IPv6; `nil` for a name.
    init?(literal host: String) {
        var address = in_addr()
        if inet_aton(host, &address) == 1 {
            self = .v4(UInt32(bigEndian: address.s_addr))
        } else {
            self.init(host)
        }
    }
}
