/// The address on which messages are taken by SMTP: `127.0.0.1:587`, `[::]:587`, or `smtps://0.0.0.0:465` for TLS from the first byte.
package struct SubmissionAddress: Sendable, Hashable, CustomStringConvertible {
    /// The host to listen on.
    package var host: String
    /// The port to listen on.
    package var port: Int
    /// Whether TLS begins with the first byte (RFC 8314 section 3.3), and not by STARTTLS.
    package var isImplicitTLS: Bool

    private static let scheme = "smtps://"

    /// Reads an address; `nil` for anything else.
    package init?(_ text: String) {
        isImplicitTLS = text.hasPrefix(Self.scheme)
        guard case .tcp(let host, let port)? = PolicyAddress(isImplicitTLS ? String(text.dropFirst(Self.scheme.count)) : text) else {
            return nil
        }
        (self.host, self.port) = (host, port)
    }

    /// The address as it is read.
    package var description: String {
        (isImplicitTLS ? Self.scheme : "") + PolicyAddress.tcp(host: host, port: port).description
    }
}

extension IPAddress {
    /// Whether it is this machine's own.
    package var isThisMachine: Bool {
        switch unmapped {
        case .v4(let bits): bits >> 24 == 127
        case .v6(let bits): bits == 1
        }
    }
}
