import MailModel

extension WebURL {
    /// The decoded values of a query parameter, in order.
    func values(of parameter: String) -> [String] {
        (query ?? "").split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return percentDecoded(parts[0]) == parameter ? percentDecoded(parts.count > 1 ? parts[1] : "") : nil
        }
    }
}
