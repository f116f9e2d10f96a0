/// The languages that a browser asks for: the `Accept-Language` field (RFC 9110 section 12.5.4).
package struct AcceptLanguage {
    /// Language ranges with their weights in thousandths, in the order given.
    private let ranges: [(tag: String, weight: Int)]

    /// The maximum number of ranges that are read.
    private static let mostRanges = 32

    /// - Parameter header: the field's value; a malformed range is ignored.
    package init(_ header: String?) {
        ranges = (header ?? "").split(separator: ",").prefix(Self.mostRanges).compactMap { range in
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let tag = parts.first, !tag.isEmpty else { return nil }
            guard let weight = parts.dropFirst().first(where: { $0.hasPrefix("q=") }) else { return (tag, 1000) }
            return Self.thousandths(weight.dropFirst(2)).map { (tag, $0) }
        }
    }

    /// Returns the preferred one of some languages; the first where none is asked for.
    ///
    /// - Parameter languages: primary subtags, such as `pt`; `pt-BR` and `pt` both ask for it.
    package func choice(of languages: [String]) -> String {
        var best: (language: String, weight: Int)?
        for language in languages {
            // A range of the language itself takes precedence over `*`.
            let own = ranges.filter { $0.tag == language || $0.tag.hasPrefix(language + "-") }.map(\.weight).max()
            let weight = own ?? ranges.first { $0.tag == "*" }?.weight ?? 0
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        return best?.language ?? languages.first ?? ""
    }

    /// `1`, `0.7`, `0.125`: at most three decimals.
    private static func thousandths(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int(parts[0]), (0...1).contains(whole) else { return nil }
        guard parts.count == 2 else { return whole * 1000 }
        guard parts[1].count <= 3, parts[1].allSatisfy(\.isWholeNumber) else { return nil }
        let digits = parts[1] + String(repeating: "0", count: 3 - parts[1].count)
        return Int(digits).map { min(1000, whole * 1000 + $0) }
    }
}
