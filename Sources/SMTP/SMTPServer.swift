import FoundationEssentials

/// The address of a relay, and how to connect to it.
package struct SMTPServer: Sendable, Equatable {
    /// How the connection is encrypted.
    package enum Security: Sendable, Equatable {
        /// TLS from the first byte (RFC 8314).
        case tls
        /// TLS by `STARTTLS` (RFC 3207), without which nothing is sent.
        case startTLS
        /// No encryption: for a relay on the same machine or in the same closed network.
        case none
    }

    /// The credentials for `AUTH`.
    package struct Credentials: Sendable, Equatable {
        /// The user name.
        package var user: String
        /// The password.
        package var password: String
    }

    /// The host name, or an address.
    package var host: String
    /// The port.
    package var port: Int
    /// How the connection is encrypted.
    package var security: Security
    /// The credentials; `nil` for no authentication.
    package var credentials: Credentials?

    /// Creates an address.
    package init(host: String, port: Int, security: Security, credentials: Credentials? = nil) {
        self.host = host
        self.port = port
        self.security = security
        self.credentials = credentials
    }

    /// Parses `smtp://USER:PASSWORD@HOST:PORT`, which uses `STARTTLS`, the same with `?tls=off`, or `smtps://…`.
    ///
    /// The default port is 587 (RFC 6409), 25 without TLS, 465 with `smtps`. User and password are percent-encoded.
    package init?(url text: String) {
        guard let url = URLComponents(string: text), ["", "/"].contains(url.path), url.fragment == nil else { return nil }
        // An IPv6 address is in brackets.
        let host = String((url.host ?? "").drop { $0 == "[" }.prefix { $0 != "]" })
        guard !host.isEmpty else { return nil }
        let isPlain = url.query == "tls=off"
        guard url.query == nil || isPlain else { return nil }
        switch (url.scheme, isPlain) {
        case ("smtp", true): self.init(host: host, port: 25, security: .none)
        case ("smtp", false): self.init(host: host, port: 587, security: .startTLS)
        case ("smtps", false): self.init(host: host, port: 465, security: .tls)
        default: return nil
        }
        if let port = url.port {
            guard (1...65535).contains(port) else { return nil }
            self.port = port
        }
        guard let user = url.user, !user.isEmpty else { return }
        credentials = Credentials(user: user, password: url.password ?? "")
    }
}
