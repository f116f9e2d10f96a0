import Hummingbird
import MailModel
import Storage
import Web

/// `GET /events/unmatched`: what SES reported of no known email, and what came out of a queue and could not be read (specification 4.6 and 4.7).
struct UnmatchedEventController: Sendable {
    let store: Store

    var operations: [Operation] {
        [Operation(.get, "/events/unmatched", .eventsRead, Self.listDocumentation, list)]
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let limit = try request.query.limit()
        let after = try request.query.value("after", "the id of an event") { Int64($0) }
        let found = try await store.read { try $0.unmatchedEvents.list(after: after, limit: limit + 1) }
        return .array(request, of: found, limit: limit, next: { String($0.id) }, write: Self.event.write)
    }

    private static let listDocumentation = Documentation(
        "Events of SES that belong to no known email, and messages of queues that could not be read, newest first; kept for 30 days",
        query: Documentation.Parameter.page, .page("The events.", of: event.reference))

    private static let event = Resource<UnmatchedEvent>("UnmatchedEvent") {
        Field("id", .integer, "The id, by which a page continues.", example: 31) { $0.id }
        Field("kind", .string, "The type of the event as SES names it; `unreadable` for a message that is none.", example: "Bounce") {
            $0.kind
        }
        Field(
            "reason", .nullable(.string), "Why it is kept where it is no event; null for an event.",
            example: "The message is no event of SES, of SNS or of EventBridge."
        ) { $0.reason }
        Field("message_id", .nullable(.string), "SES's id of the email; null where there is none.", example: "0102018f-1c3a-000000") {
            $0.messageID
        }
        Field(
            "source", .nullable(.string), "The address that the email came from; null where it is not known.", example: "news@shop.example"
        ) {
            $0.source
        }
        Field("payload", .string, "The event as SES sent it, or the message.", example: #"{"eventType": "Bounce"}"#) { $0.payload }
        Field("received_at", .time, "When it was taken in (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.receivedAt.description }
    }
}
