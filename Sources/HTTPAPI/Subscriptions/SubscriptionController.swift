import Hummingbird
import MailModel
import Sending
import Web

/// `/subscriptions`: double opt-in, and `/c/{token}`: the page of its link (specification 9.4).
///
/// `GET` asks and `POST` confirms, as with the unsubscribe link, because mail scanners follow every link.
struct SubscriptionController: Sendable {
    let subscriptions: SubscriptionService
    let clock: @Sendable () -> Timestamp

    var operations: [Operation] {
        [
            Operation(.post, "/subscriptions", .subscriptionsRequest, Self.requestDocumentation, request),
            Operation(.get, "/subscriptions", .subscriptionsRead, Self.listDocumentation, list),
            Operation(.delete, "/subscriptions/{id}", .subscriptionsManage, Self.deleteDocumentation, delete),
        ].inEnvelopes + [
            .open(.get, "/c/{token}", Self.askDocumentation, ask),
            .open(.post, "/c/{token}", Self.confirmDocumentation, confirm),
        ]
    }

    private func request(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields(nullIsAbsent: true)
        var subscription = SubscriptionRequest(
            email: fields.requiredString("email"), list: fields.requiredString("list"), from: fields.requiredString("from"))
        subscription.subject = fields.string("subject")
        subscription.text = fields.string("text")
        subscription.language = fields.choice("language") ?? .english
        try fields.check(missingStatus: .badRequest)
        let (requested, note) = try await subscriptions.request(subscription, by: principal)
        let now = clock()
        return .envelope(request, .accepted, at: now, explain: note) { SubscriptionResources.subscription.write((requested, now), to: &$0) }
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let limit = try request.query.limit()
        let found = try await subscriptions.list(
            request.query["list"], status: try request.query.choice("status"), by: principal,
            after: try request.query.value("after", "the id of a subscription") { SubscriptionID($0) }, limit: limit + 1)
        let now = clock()
        return .page(request, of: found, limit: limit, at: now, next: \.id.description) {
            SubscriptionResources.subscription.write(($0, now), to: &$1)
        }
    }

    private func delete(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let id = SubscriptionID(try request.parameter("id")), try await subscriptions.delete(id, by: principal) else {
            throw APIError.notFound("Subscription")
        }
        return .noContent
    }

    private func ask(_ request: APIRequest) async throws -> Response {
        ConfirmationPage(request).page(try await subscriptions.status(of: try request.parameter("token")))
    }

    private func confirm(_ request: APIRequest) async throws -> Response {
        let status = try await subscriptions.confirm(
            try request.parameter("token"), ipAddress: request.context.remoteAddress, userAgent: request.headers[.userAgent])
        return ConfirmationPage(request).page(status)
    }
}
