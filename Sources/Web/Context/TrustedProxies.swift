import Hummingbird
package import MailModel

/// The reverse proxies whose `X-Forwarded-For` is believed (`http.trustedProxies`).
package struct TrustedProxies: Sendable {
    private let networks: [IPNetwork]

    /// - Parameter networks: the addresses of the proxies.
    package init(_ networks: [IPNetwork] = []) {
        self.networks = networks
    }

    /// Returns the client's address according to the trusted proxies.
    ///
    /// Each proxy appends the address it was called from. The list is therefore read from its end, up to the first address that is not a
    /// trusted proxy's: what is before it was written by that client.
    ///
    /// - Parameters:
    ///   - peer: the address of the connection; evaluated only where there are proxies.
    ///   - headers: the request's header fields.
    /// - Returns: an address without its port; `nil` where the connection is not from a trusted proxy, or has no such field.
    func client(behind peer: @autoclosure () -> String?, _ headers: HTTPFields) -> String? {
        guard !networks.isEmpty, let peer = peer(), IPAddress(peer).map(isTrusted) ?? false else { return nil }
        var client: String?
        let hops = headers[values: .xForwardedFor].flatMap { $0.split { $0 == "," || $0 == " " || $0 == "\t" } }
        for hop in hops.reversed().map(Self.withoutPort) {
            guard let address = IPAddress(hop) else { break }
            client = String(hop)
            guard isTrusted(address) else { break }
        }
        return client
    }

    /// Whether an address is that of a trusted proxy.
    func isTrusted(_ address: IPAddress) -> Bool {
        networks.contains { $0.contains(address.unmapped) }
    }

    /// Removes the port that some proxies write: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
    private static func withoutPort(_ text: Substring) -> Substring {
        if text.first == "[", let end = text.firstIndex(of: "]") { return text[..<end].dropFirst() }
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 2 ? parts[0] : text
    }
}
