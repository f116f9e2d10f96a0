import MailModel
import Recipients
import Storage

/// What is known of a recipient, and jobs, as the API answers them (specification 9.6).
enum RecipientResources {
    static let known = Resource<(address: EmailAddress, known: ErasureService.Known)>("Recipient") {
        Field("address", .email, "The address that was asked for.", example: "someone@customer.example") { $0.address.description }
        Field.list(
            "suppressions", of: SuppressionResources.suppression,
            "The entries of suppression lists, also those kept as a hash; at most 1,000."
        ) { $0.known.suppressions }
        Field.list("subscriptions", of: SubscriptionResources.subscription, "The subscriptions of whatever status; at most 1,000.") {
            value in
            value.known.subscriptions.map { (subscription: $0, now: value.known.now) }
        }
        Field.list("emails", of: EmailResources.summary, "A page of the emails, newest first; `/emails/{id}` has the rest of each.") {
            $0.known.emails.emails.map { EmailResources.Shown($0) }
        }
    }

    static let job = Resource<Job>("Job") {
        Field("id", .uuid, "The id of the job, by which it is followed.", example: "019a9b2f-3c01-7a2b-9d56-8f0f3c1f5a11") {
            $0.id.description
        }
        Field("kind", .words(Job.Kind.self), "What it does.", example: "recipients.erase") { $0.kind.rawValue }
        Field(
            "state", .words(Job.State.self),
            "Where it stands: `queued`, `running`, `done`, or `failed` after repeated failures; what was done stays done.", example: "done"
        ) { $0.state.rawValue }
        Field("recipient", .string, "The address with the first character of its local part alone.", example: "f***@customer.example") {
            $0.maskedRecipient
        }
        Field.object("counts", counts, "What was erased so far.") { $0.counts }
        Field.optional("explain", .string, "Why it failed last; absent where it has not.", example: "What is stored could not be erased") {
            $0.failure
        }
        Field("createdAt", .time, "When it was asked for (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.createdAt.description }
        Field.optional("finishedAt", .time, "When it ended (UTC); absent before.", example: "2026-06-15T12:00:02.310Z") {
            $0.finishedAt?.description
        }
    }

    private static let counts = Resource<ErasureCounts>("ErasureCounts") {
        Field("emails", .count, "The emails, which stay without address and content.", example: 12) { $0[.emails] }
        Field("cancelled", .count, "The emails, with copies of them, that were cancelled before they were sent.", example: 1) {
            $0[.cancelled]
        }
        Field("attachments", .count, "The attachments of these emails.", example: 2) { $0[.attachments] }
        Field("timelineEntries", .count, "The entries of their timelines.", example: 30) { $0[.timelineEntries] }
        Field("callbacks", .count, "Their callbacks, made or not.", example: 24) { $0[.callbacks] }
        Field("idempotencyAnswers", .count, "The stored answers of their idempotency keys.", example: 1) { $0[.idempotencyAnswers] }
        Field("subscriptions", .count, "The subscriptions.", example: 1) { $0[.subscriptions] }
        Field("suppressions", .count, "The suppressions, which hold on as keyed hashes.", example: 1) { $0[.suppressions] }
        Field("refusals", .count, "The refused sends.", example: 0) { $0[.refusals] }
        Field("unmatchedEvents", .count, "The events of Amazon SES that belong to no known email.", example: 0) { $0[.unmatchedEvents] }
        Field("receipts", .count, "The receipts of events, by which repetitions are known.", example: 3) { $0[.receipts] }
    }
}
