/// The form of a callback's URL. Whether it may be called at all, and where its name leads, is found out when it is called.
enum CallbackURL {
    static func isValid(_ url: String) -> Bool {
        let lowered = url.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix) else { return false }
        let rest = url.utf8.dropFirst(scheme.utf8.count)
        let authority = rest.prefix { !"/?#".utf8.contains($0) }
        // Printable ASCII without what RFC 3986 keeps out of URLs.
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) }) else { return false }
        let host = authority.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false).last ?? authority
        return host.first.map { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ".") } ?? false
    }
}
