import MailModel

/// How large an email may be, and how far ahead it may be scheduled.
///
/// Sizes are in bytes.
package struct SubmissionLimits: Sendable {
    /// All attachments of an email together, decoded (`emails.maximumAttachmentBytes`).
    package var attachmentBytes = 10 << 20
    /// A message in its wire form, as the provider accepts it; `nil` where the provider's limit is not known.
    package var messageBytes: Int?
    /// A raw message as it comes, where the provider takes as much.
    package var largestRawBytes = 20 << 20
    /// Subject and texts with the values of their variables (`emails.maximumBytes`).
    package var textBytes = 10 << 20
    /// The texts of all emails of a batch together, with the values of their variables (`emails.maximumBatchBytes`).
    package var batchBytes = 32 << 20
    /// Whether recipients can reach unsubscribe links, which emails of the category `marketing` must have (`public.url`).
    package var hasPublicURL = true
    /// How far ahead `sendAt` may be (`emails.maximumScheduleDays`).
    package var farthestSchedule: Duration = .seconds(30 * 86_400)

    /// The default limits.
    package init() {}

    /// A raw message in its wire form, with what is added to it.
    package var rawBytes: Int { min(messageBytes ?? .max, largestRawBytes) }

    /// Refuses content whose message is larger than the provider accepts by any encoding.
    ///
    /// The few messages that exceed the limit by the encoding of their texts are refused by the provider.
    func check(_ content: EmailContent) throws(Refusal) {
        if content.category == .marketing, !hasPublicURL {
            throw Refusal.invalid(
                "category", "marketing emails carry a link to unsubscribe, and without public.url recipients could not reach it")
        }
        // A raw message goes out as it came: its size was checked as such.
        guard let messageBytes, content.raw == nil else { return }
        let texts = content.text.utf8.count + (content.html?.utf8.count ?? 0)
        // Base64 in lines of 76 characters (RFC 2045 section 6.8).
        let least = content.attachments.reduce(texts) { $0 + ($1.size + 2) / 3 * 4 * 78 / 76 }
        guard least <= messageBytes else {
            throw Refusal(
                .tooLarge, "The message would have at least \(least) bytes, encoded; the provider takes at most \(messageBytes)")
        }
    }
}
