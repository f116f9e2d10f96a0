import MailModel

/// How large an email may be, how far ahead it may be scheduled, and what it may be for.
package struct SubmissionLimits: Sendable {
    /// Of all attachments of an email together, decoded (`emails.maximumAttachmentBytes`).
    package var attachmentBytes = 10 << 20
    /// Of a message in its wire form, by what the provider takes; `nil` where that is not known.
    package var messageBytes: Int?

    /// Of subject and texts once the variables have their values (`emails.maximumBytes`).
    package var textBytes = 10 << 20
    /// Recipients reach the links to unsubscribe, which emails of the category `marketing` have to carry (`public.url`).
    package var hasPublicURL = true
    /// How far ahead `sendAt` may be.
    package var farthestSchedule: Duration = .seconds(30 * 86_400)

    package init() {}

    /// Refuses what surely makes a message larger than the provider takes. What its texts become is not known yet: the few that grow beyond the
    /// limit by their encoding are refused by the provider.
    func check(_ content: EmailContent) throws(SubmissionRefusal) {
        if content.category == .marketing, !hasPublicURL {
            throw SubmissionRefusal(
                .invalid, field: "category",
                "category: marketing emails carry a link to unsubscribe, and without public.url recipients could not reach it")
        }
        guard let messageBytes else { return }
        let texts = content.text.utf8.count + (content.html?.utf8.count ?? 0)
        // Base64 in lines of 76 characters (RFC 2045 section 6.8).
        let least = content.attachments.reduce(texts) { $0 + ($1.size + 2) / 3 * 4 * 78 / 76 }
        guard least <= messageBytes else {
            throw SubmissionRefusal(
                .tooLarge, "The message would have at least \(least) bytes, encoded; the provider takes at most \(messageBytes)")
        }
    }
}
