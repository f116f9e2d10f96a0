import Hummingbird
import JSON
import MailModel
import Sending
import Web

/// `/subscriptions`: double opt-in, and `/c/{token}`: what its link leads to (specification 9.4).
///
/// GET asks, POST does, as with the unsubscribe link: mail scanners follow every link they see.
struct SubscriptionController: Sendable {
    let subscriptions: SubscriptionService
    let clock: @Sendable () -> Timestamp

    var operations: [Operation] {
        [
            Operation(.post, "/subscriptions", .send, Self.requestDocumentation, request),
            Operation(.get, "/subscriptions", .read, Self.listDocumentation, list),
            Operation(.delete, "/subscriptions/{id}", .manage, Self.deleteDocumentation, delete),
            .open(.get, "/c/{token}", Self.askDocumentation, ask),
            .open(.post, "/c/{token}", Self.confirmDocumentation, confirm),
        ]
    }

    private func request(_ call: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await call.fields(nullIsAbsent: true)
        var request = SubscriptionRequest(
            email: fields.requiredString("email"), list: fields.requiredString("list"), from: fields.requiredString("from"))
        request.subject = fields.string("subject")
        request.text = fields.string("text")
        request.language = fields.choice("language") ?? .english
        try fields.check(missingStatus: .badRequest)
        let (subscription, note) = try await subscriptions.request(request, by: principal)
        let now = clock()
        return .envelope(call, .accepted, at: now, explain: note) { subscription.write(at: now, to: &$0) }
    }

    private func list(_ call: APIRequest, by principal: Principal) async throws -> Response {
        let limit = try call.query.limit()
        let found = try await subscriptions.list(
            call.query["list"], status: try call.query.choice("status"), by: principal,
            after: try call.query.value("after", "the id of a subscription") { SubscriptionID($0) }, limit: limit + 1)
        let now = clock()
        return .page(call, of: found, limit: limit, at: now, next: \.id.description) { $0.write(at: now, to: &$1) }
    }

    private func delete(_ call: APIRequest, by principal: Principal) async throws -> Response {
        guard let id = SubscriptionID(try call.parameter("id")), try await subscriptions.delete(id, by: principal) else {
            throw APIError.notFound("Subscription")
        }
        return .noContent
    }

    private func ask(_ call: APIRequest) async throws -> Response {
        ConfirmationPage(call).page(try await subscriptions.look(at: try call.parameter("token")))
    }

    private func confirm(_ call: APIRequest) async throws -> Response {
        let finding = try await subscriptions.confirm(
            try call.parameter("token"), ipAddress: call.context.remoteAddress, userAgent: call.request.headers[.userAgent])
        return ConfirmationPage(call).page(finding)
    }
}

extension Subscription {
    fileprivate func write(at now: Timestamp, to writer: inout JSONWriter) {
        let status = status(at: now)
        writer.object {
            $0.member("id", id.description)
            $0.member("email", address.description)
            $0.member("list", list)
            $0.member("from", sender.description)
            $0.member("status", status.rawValue)
            $0.member("createdAt", createdAt.description)
            if status != .confirmed { $0.member("expiresAt", expiresAt.description) }
            if let proof {
                $0.member("proof") { writer in
                    writer.object {
                        $0.member("at", proof.at.description)
                        $0.member("ip", proof.ipAddress)
                        if let userAgent = proof.userAgent { $0.member("userAgent", userAgent) }
                    }
                }
            }
        }
    }
}
