import MailModel

/// Subscriptions as the API answers them (specification 9.4).
enum SubscriptionResources {
    /// A subscription, and the time that decides whether its link is still valid.
    static let subscription = Resource<(subscription: Subscription, now: Timestamp)>("Subscription") {
        Field("id", .uuid, "The id of the subscription.", example: "019a9b2f-3c01-7a2b-9d56-8f0f3c1f5a11") {
            $0.subscription.id.description
        }
        Field("email", .email, "The address that is to be on the list.", example: "reader@customer.example") {
            $0.subscription.address.description
        }
        Field("list", .string, "The name of the list, your own.", example: "newsletter") { $0.subscription.list }
        Field("from", .email, "The sender of the email that asks for the confirmation.", example: "news@shop.example") {
            $0.subscription.sender.description
        }
        Field(
            "status", .words(Subscription.Status.self),
            "`PENDING` until the link is followed, `CONFIRMED` after that, `EXPIRED` where it was not followed within seven days.",
            example: "CONFIRMED"
        ) { $0.subscription.status(at: $0.now).rawValue }
        Field("createdAt", .time, "When it was first requested (UTC).", example: "2026-06-15T12:00:00.000Z") {
            $0.subscription.createdAt.description
        }
        Field.optional(
            "expiresAt", .time, "When the link that was last mailed expires (UTC); absent once it is confirmed.",
            example: "2026-06-22T12:00:00.000Z"
        ) { $0.subscription.status(at: $0.now) == .confirmed ? nil : $0.subscription.expiresAt.description }
        Field.optionalObject("proof", proof, "The proof of the confirmation; absent while there is none.") { $0.subscription.proof }
    }

    private static let proof = Resource<Subscription.Proof>("SubscriptionProof") {
        Field("at", .time, "When the owner of the address confirmed (UTC).", example: "2026-06-15T18:04:11.000Z") { $0.at.description }
        Field("ip", .string, "The IP address that confirmed.", example: "203.0.113.7") { $0.ipAddress }
        Field.optional(
            "userAgent", .string, "The browser that confirmed, as it names itself; absent where it did not.", example: "Mozilla/5.0"
        ) { $0.userAgent }
    }
}
