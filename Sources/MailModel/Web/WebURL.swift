/// An absolute http or https URL, parsed strictly: what two parsers could interpret differently is refused.
///
/// URLs in messages determine where this program connects to. So user parts, fragments, control characters, backslashes and non-ASCII are
/// refused, and the URL that is requested is composed anew from the parts that were checked.
package struct WebURL: Sendable, Equatable, CustomStringConvertible {
    /// `http` or `https`.
    package let scheme: String
    /// A name in lower case, an IPv4 address, or an IPv6 address without its brackets.
    package let host: String
    /// The port, where one is given: 1 to 65535.
    package let port: Int?
    /// The path, which begins with a slash.
    package let path: String
    /// The query behind the `?`; `nil` without one.
    package let query: String?

    /// Reads an absolute URL; `nil` for anything else.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy(Self.isAllowed), let scheme = ["https", "http"].first(where: { text.hasPrefix($0 + "://") }) else {
            return nil
        }
        self.scheme = scheme
        let rest = text[text.utf8.index(text.startIndex, offsetBy: scheme.utf8.count + 3)...]
        let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard let (host, port) = Self.split(rest[..<end]) else { return nil }
        self.host = host.lowercased()
        self.port = port
        let target = rest[end...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = target.first.map { $0.isEmpty ? "/" : String($0) } ?? "/"
        query = target.count > 1 ? String(target[1]) : nil
    }

    /// `host` or `host:port`, the value of the `Host` header.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { $0 == (scheme == "https" ? 443 : 80) ? name : "\(name):\($0)" } ?? name
    }

    /// The URL, written anew from its parts.
    package var description: String {
        scheme + "://" + authority + path + (query.map { "?" + $0 } ?? "")
    }

    /// Whether the host is this machine, whatever the resolver answers.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0).map(String.init) == String($0) }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "\"", "#", "<", ">", "\\", "^", "`", "{", "|", "}": false
        default: byte > 0x20 && byte < 0x7F
        }
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "-": true
        default: false
        }
    }

    private static func split(_ authority: Substring) -> (host: Substring, port: Int?)? {
        let host: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[..<end].dropFirst()
            guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
            return port(authority[end...].dropFirst()).map { (host, $0) }
        }
        host = authority[..<(authority.utf8.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex)]
        guard !host.isEmpty, host.utf8.allSatisfy(isOfName) else { return nil }
        return port(authority[host.endIndex...]).map { (host, $0) }
    }

    /// The port of `:8080`, a `nil` inside for none at all, `nil` for anything else.
    private static func port(_ text: Substring) -> Int?? {
        guard !text.isEmpty else { return .some(nil) }
        let digits = text.dropFirst()
        guard text.first == ":", digits.count <= 5, digits.allSatisfy(\.isNumber), let port = Int(digits), (1...65535).contains(port) else {
            return nil
        }
        return port
    }
}
