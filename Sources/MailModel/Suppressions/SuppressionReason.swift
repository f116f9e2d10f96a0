/// Why an address must not be mailed again.
package enum SuppressionReason: String, Sendable, CaseIterable {
    case hardBounce = "hard_bounce"
    case complaint
    case unsubscribe
    case manual
    /// As many soft bounces in a row as `recipients.softBounceLimit`. Replaced by any other reason, and removed by a delivery.
    case softBounce = "soft_bounce"
}

extension SuppressionReason {
    /// Returns the reason that a word or a server's reply in another service's file means; `nil` where that is not clear.
    ///
    /// Case, blanks and punctuation do not matter: `BOUNCE`, `Hard bounce`, `spam-report`. A text that begins with a reply code or an enhanced
    /// status code (RFC 3463) is a bounce: `550 5.1.1 No such user`, `4.2.2`.
    package static func imported(_ text: String) -> SuppressionReason? {
        let word = String(text.lowercased().filter(\.isLetter))
        if let reason = words[word] { return reason }
        guard let first = text.first, first == "5" || first == "4", isStatusCode(text.prefix { $0.isNumber || $0 == "." })
        else { return nil }
        return first == "5" ? .hardBounce : .softBounce
    }

    private static func isStatusCode(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 1 ? text.utf8.count == 3 : parts.count == 3 && parts[0].utf8.count == 1 && parts.allSatisfy { !$0.isEmpty }
    }

    private static let words: [String: SuppressionReason] = {
        let texts: [(SuppressionReason, String)] = [
            (.hardBounce, "hardbounce hardbounced bounce bounced bounces permanent permanentbounce bouncedpermanent invalid invalidemail"),
            (.softBounce, "softbounce softbounced transient transientbounce"),
            (.complaint, "complaint complained complaints spam spamreport spamcomplaint abuse"),
            (.unsubscribe, "unsubscribe unsubscribed unsubscribes unsubscription optout optedout listunsubscribe"),
            (.manual, "manual manually manuallyadded blacklist blacklisted blocklist blocklisted"),
        ]
        return texts.reduce(into: [:]) { words, entry in
            for word in entry.1.split(separator: " ") { words[String(word)] = entry.0 }
        }
    }()
}
