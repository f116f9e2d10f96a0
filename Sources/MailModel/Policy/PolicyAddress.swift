/// The address that the policy daemon listens on: `127.0.0.1:10040`, `[::1]:10040` or `unix:/run/martlet/policy`.
package enum PolicyAddress: Sendable, Hashable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    /// The longest path of a socket in bytes, without the final zero (unix(7), `sun_path`).
    private static let longestPath = 107

    /// Reads an address; `nil` for anything else.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = text.dropFirst("unix:".count)
            guard path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.count <= Self.longestPath, Self.isPlain(path) else { return nil }
            self = .unix(path: String(path))
        } else {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port),
                let host = Self.host(text[..<colon])
            else { return nil }
            self = .tcp(host: host, port: port)
        }
    }

    /// An address of IPv6 stands in brackets, so that its colons end before the port's.
    private static func host(_ text: Substring) -> String? {
        if text.hasPrefix("["), text.hasSuffix("]"), text.contains(":") { return String(text.dropFirst().dropLast()) }
        guard !text.isEmpty, isPlain(text), !text.utf8.contains(where: { ":/@[]".utf8.contains($0) }) else { return nil }
        return String(text)
    }

    private static func isPlain(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// The address as it is read.
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
