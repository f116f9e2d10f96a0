import Hummingbird
package import MailModel

/// The proxies in front, whose word is taken for where a request comes from (`http.trustedProxies`).
package struct TrustedProxies: Sendable {
    private let networks: [IPNetwork]

    package init(_ networks: [IPNetwork] = []) {
        self.networks = networks
    }

    /// Who made a request, by what trusted proxies say of it in `X-Forwarded-For`.
    ///
    /// Each proxy puts the address it was called from at the end. So the list is read from its end, and what stands before the first address that is not
    /// a trusted proxy's is only what that client wrote itself.
    ///
    /// - Parameters:
    ///   - peer: the address of the connection; asked for only where there are proxies.
    ///   - headers: the request's.
    /// - Returns: an address without its port; `nil` where the connection is no trusted proxy's, or it says nothing.
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

    private func isTrusted(_ address: IPAddress) -> Bool {
        networks.contains { $0.contains(address.unmapped) }
    }

    /// `192.0.2.1:4711` and `[2001:db8::1]:4711` are what some proxies write.
    private static func withoutPort(_ text: Substring) -> Substring {
        if text.first == "[", let end = text.firstIndex(of: "]") { return text[..<end].dropFirst() }
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 2 ? parts[0] : text
    }
}
