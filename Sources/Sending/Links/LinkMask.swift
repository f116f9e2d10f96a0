package import MailModel

/// Hides the links by which recipients act, for unsubscribing and for confirming, in what others are shown (specification 5.10).
///
/// Whoever has such a link can act as the recipient: with a confirmation link, an account could forge the proof of an opt-in. Only messages on their way
/// to the recipient have them. A link is known by its token, which is verified: other links of the same form stay as they are.
package struct LinkMask: Sendable {
    /// What stands in the place of a token.
    static let placeholder = "hidden"

    private let unsubscribe: UnsubscribeLinks
    private let subscription: SubscriptionLinks

    /// A mask of all links that are made with these.
    package init(unsubscribe: UnsubscribeLinks, subscription: SubscriptionLinks) {
        self.unsubscribe = unsubscribe
        self.subscription = subscription
    }

    /// The URL that is shown in the place of an email's link to unsubscribe.
    var unsubscribeURL: String { unsubscribe.url(with: Self.placeholder) }

    /// Returns a text, plain, HTML or JSON, with its tokens replaced.
    package func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var masked: [UInt8] = []
        var copied = 0
        var start = 0
        while start + SignedTokens.length <= bytes.count {
            let end = start + SignedTokens.length
            guard let kind = Self.kind(before: start, in: bytes), isToken(bytes[start..<end], of: kind) else {
                start += 1
                continue
            }
            masked += bytes[copied..<start] + Array(Self.placeholder.utf8)
            start = end
            copied = end
        }
        return copied == 0 ? text : String(decoding: masked + bytes[copied...], as: UTF8.self)
    }

    /// Returns the letter of `/u/` or `/c/` before a position; `nil` where there is something else.
    ///
    /// JSON may escape slashes: `\/u\/`.
    private static func kind(before position: Int, in bytes: [UInt8]) -> UInt8? {
        let slash = UInt8(ascii: "/")
        guard position >= 3, bytes[position - 1] == slash else { return nil }
        let index = bytes[position - 2] == UInt8(ascii: "\\") ? position - 3 : position - 2
        return index > 0 && bytes[index - 1] == slash ? bytes[index] : nil
    }

    private func isToken(_ bytes: ArraySlice<UInt8>, of kind: UInt8) -> Bool {
        switch kind {
        case UInt8(ascii: "u"): unsubscribe.isToken(String(decoding: bytes, as: UTF8.self))
        case UInt8(ascii: "c"): subscription.verify(String(decoding: bytes, as: UTF8.self)) != nil
        default: false
        }
    }

    /// Returns an email whose texts have no tokens.
    package func masked(_ email: Email) -> Email {
        var email = email
        email.content.subject = masked(email.content.subject)
        email.content.text = masked(email.content.text)
        email.content.html = email.content.html.map(masked)
        return email
    }

    /// Returns an entry of a timeline without tokens: a link that was clicked may be one.
    package func masked(_ entry: TimelineEntry) -> TimelineEntry {
        var entry = entry
        entry.details = entry.details.map(masked)
        return entry
    }
}
