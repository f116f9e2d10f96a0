// What the text of single settings has to look like.

/// An absolute URL that other paths can be put behind, without the slash at its end.
func baseURL(_ text: String) -> String? {
    guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return nil }
    let rest = text.dropFirst(scheme.count)
    let host = rest.prefix { $0 != "/" }
    let isPlain = rest.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"?#@\\\"<>".utf8.contains($0) }
    guard isPlain, !host.isEmpty, !host.hasPrefix(":") else { return nil }
    return scheme + (rest.hasSuffix("/") ? rest.dropLast() : rest)
}

/// `arn:PARTITION:sns:REGION:ACCOUNT:NAME`.
func topicARN(_ text: String) -> String? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "sns" else { return nil }
    let isAccount = parts[4].count == 12 && parts[4].allSatisfy { $0.isASCII && $0.isNumber }
    return isAccount && !parts[3].isEmpty && !parts[5].isEmpty ? text : nil
}

/// True for addresses that only this machine reaches.
func isLoopback(_ host: String) -> Bool {
    let isIPv4 = host.hasPrefix("127.") && host.split(separator: ".").count == 4 && host.allSatisfy { $0.isNumber || $0 == "." }
    return isIPv4 || host == "::1" || host.lowercased() == "localhost"
}
