import Callbacks
import MailModel

/// Callback endpoints, secrets and deliveries as the API answers them (specification 7.1).
enum CallbackResources {
    static let endpoint = Resource<CallbackEndpoint>("CallbackEndpoint") {
        Field("id", .integer, "The id of the endpoint, by which it is changed, tried and deleted.", example: 3) { $0.id }
        Field("url", .url, "The URL that is called.", example: "https://hooks.shop.example/status") { $0.url }
        Field(
            "events", .array(event), "The statuses and events that it is called for; empty for all.",
            example: ["DELIVERED", "BOUNCED_PERMANENT"]
        ) { $0.events }
        Field("active", .boolean, "Whether it is called.", example: true) { $0.isActive }
        Field("kind", .words(CallbackEndpoint.Kind.self), kind, example: "martlet") { $0.kind.rawValue }
        Field("createdAt", .time, "When it was created (UTC).", example: "2026-06-01T09:30:00.000Z") { $0.createdAt.description }
    }

    /// What kinds of endpoints mean, also in requests.
    static let kind =
        "The form of what it gets: `martlet` the callbacks described here, `ses` events of emails as Amazon SES publishes them."

    /// What an endpoint can be called for, also in requests.
    static let event = Schema.words(CallbackEndpoint.knownEvents)

    /// A secret, and the time that decides whether the one before is still valid, and answered.
    static let secret = Resource<(secret: CallbackSecret, now: Timestamp)>("CallbackSecret") {
        Field(
            "secret", .string, "The secret that signs the account's callbacks, in the form that Standard Webhooks libraries take.",
            example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
        ) { CallbackSecret.shown($0.secret.value) }
        Field("createdAt", .time, "When it was made (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.secret.createdAt.description }
        Field.optional(
            "previous", .string, "The secret before, which signs too until it ends; absent when it has ended.",
            example: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDC2FVsBQIhrs="
        ) { $0.secret.previous(at: $0.now).map(CallbackSecret.shown) }
        Field.optional(
            "previousExpiresAt", .time, "When the secret before ends (UTC); absent when it has ended.", example: "2026-06-16T12:00:00.000Z"
        ) { $0.secret.previous(at: $0.now) == nil ? nil : $0.secret.previousExpiresAt?.description }
    }

    static let delivery = Resource<CallbackDelivery>("CallbackDelivery") {
        Field(
            "id", .uuid, "The id of the delivery, which receivers get as `webhook-id`.", example: "019a9b2f-51d0-7c3e-a1b4-0f5e6d7c8b9b"
        ) { $0.id.description }
        Field("eventId", .uuid, "The id of the event, the same for every URL.", example: "019a9b2f-51d0-7c3e-a1b4-0f5e6d7c8b9a") {
            $0.eventID.description
        }
        Field(
            "emailId", .nullable(.uuid), "The email that the event is about; null for events of the account.",
            example: "019a9b2f-3c01-7a2b-9d56-8f0f3c1f5a11"
        ) { $0.emailID?.description }
        Field("url", .url, "The URL that is called.", example: "https://hooks.shop.example/status") { $0.url }
        Field(
            "status", .words(CallbackDelivery.Status.self),
            "`pending` is to be tried, `delivered` was answered with 2xx, `parked` failed at every attempt and waits for a replay.",
            example: "pending"
        ) { $0.status.rawValue }
        Field.list(
            "attempts", of: attempt, "The attempts that were made, oldest first: at most the last \(CallbackAttempt.keptCount)."
        ) { $0.attempts }
        Field.optional(
            "nextAttemptAt", .time,
            "When it is tried next (UTC); absent where it is not, or waits for an earlier one of the same email.",
            example: "2026-06-15T12:05:00.000Z"
        ) { $0.nextAttemptAt?.description }
    }

    private static let attempt = Resource<CallbackAttempt>("CallbackAttempt") {
        Field("at", .time, "When it was made (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.at.description }
        Field.optional("httpStatus", .integer, "The status of the answer; absent where there was none.", example: 500) { $0.httpStatus }
        Field.optional("error", .string, "Why it failed; absent for a success.", example: "the receiver answered 500") { $0.error }
    }
}

extension CallbackSecret {
    /// The secret before, while it signs too.
    fileprivate func previous(at now: Timestamp) -> [UInt8]? {
        guard let previousExpiresAt, previousExpiresAt > now else { return nil }
        return previous
    }
}
