import Callbacks
import Hummingbird
import JSON
import MailModel
import Storage
import Web

/// `/callback-endpoints`, `/callback-secret`, `/callback-deliveries`: whom an account has told what happens (specification 7).
struct CallbackController: Sendable {
    let store: Store
    let callbacks: CallbackService

    var operations: [Operation] {
        [
            Operation(.get, "/callback-endpoints", .read, Self.listDocumentation, list),
            Operation(.post, "/callback-endpoints", .manage, Self.createDocumentation, create),
            Operation(.put, "/callback-endpoints/{id}", .manage, Self.updateDocumentation, update),
            Operation(.delete, "/callback-endpoints/{id}", .manage, Self.deleteDocumentation, delete),
            Operation(.post, "/callback-endpoints/{id}/ping", .manage, Self.pingDocumentation, ping),
            Operation(.get, "/callback-secret", .manage, Self.secretDocumentation, secret),
            Operation(.post, "/callback-secret/rotate", .manage, Self.rotateDocumentation, rotate),
            Operation(.get, "/callback-deliveries", .read, Self.deliveriesDocumentation, deliveries),
            Operation(.get, "/callback-deliveries/{id}", .read, Self.deliveryDocumentation, delivery),
            Operation(.post, "/callback-deliveries/{id}/replay", .manage, Self.replayDocumentation, replay),
        ]
    }

    private func list(_ call: APIRequest, by principal: Principal) async throws -> Response {
        let account = try await store.requiredAccount(call.query["userName"], for: principal)
        let limit = try call.query.limit()
        let after = try call.query.after() ?? .max
        let found = try await callbacks.endpoints(of: account).drop { $0.id >= after }
        return .page(call, of: found, limit: limit, at: store.now, next: \.id.description) { $0.write(to: &$1) }
    }

    private func create(_ call: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await call.fields(nullIsAbsent: true)
        let url = fields.requiredString("url")
        let events = fields.strings("events") ?? []
        let isActive = fields.boolean("active") ?? true
        let userName = fields.string("userName")
        try fields.check(missingStatus: .badRequest)
        let account = try await store.requiredAccount(userName, for: principal)
        let endpoint = try await callbacks.create(url, events: events, isActive: isActive, for: account)
        return .envelope(call, .created, at: store.now) { endpoint.write(to: &$0) }
    }

    private func update(_ call: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await call.fields()
        let changes = CallbackEndpointChanges(
            url: fields.string("url"), events: fields.strings("events"), isActive: fields.boolean("active"))
        try fields.check()
        let endpoint = try await callbacks.update(try call.id(of: "Callback endpoint"), changes, by: principal)
        return .envelope(call, at: store.now) { endpoint.write(to: &$0) }
    }

    private func delete(_ call: APIRequest, by principal: Principal) async throws -> Response {
        try await callbacks.delete(try call.id(of: "Callback endpoint"), by: principal)
        return .noContent
    }

    private func ping(_ call: APIRequest, by principal: Principal) async throws -> Response {
        let delivery = try await callbacks.ping(try call.id(of: "Callback endpoint"), by: principal)
        return .envelope(call, .accepted, at: store.now) { delivery.write(to: &$0) }
    }

    private func secret(_ call: APIRequest, by principal: Principal) async throws -> Response {
        let account = try await store.requiredAccount(call.query["userName"], for: principal)
        return answer(try await callbacks.secret(of: account), to: call)
    }

    private func rotate(_ call: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await call.optionalFields()
        let userName = fields?.string("userName")
        let hours = fields?.integer("overlapHours")
        try fields?.check()
        if let hours, !(0...168).contains(hours) { throw APIError.invalid("overlapHours", "expected a whole number from 0 to 168") }
        let account = try await store.requiredAccount(userName ?? call.query["userName"], for: principal)
        let overlap = hours.map { Duration.seconds($0 * 3600) } ?? CallbackService.defaultOverlap
        return answer(try await callbacks.rotateSecret(of: account, overlap: overlap), to: call)
    }

    private func answer(_ secret: CallbackSecret, to call: APIRequest) -> Response {
        var response = Response.envelope(call, at: store.now) { secret.write(at: store.now, to: &$0) }
        // No cache may keep it.
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private func deliveries(_ call: APIRequest, by principal: Principal) async throws -> Response {
        let account = try await store.requiredAccount(call.query["userName"], for: principal)
        let status: CallbackDelivery.Status? = try call.query.choice("status")
        let email = try call.query.value("emailId", "the id of an email", EmailID.init)
        let after = try call.query.value("after", "the id of a delivery", CallbackID.init)
        let limit = try call.query.limit()
        let found = try await callbacks.deliveries(of: account, status: status, email: email, after: after, limit: limit + 1)
        return .page(call, of: found, limit: limit, at: store.now, next: \.id.description) { $0.write(to: &$1) }
    }

    private func delivery(_ call: APIRequest, by principal: Principal) async throws -> Response {
        guard let delivery = try await callbacks.delivery(try call.callbackID(), by: principal) else {
            throw APIError.notFound("Callback delivery")
        }
        return .envelope(call, at: store.now) { delivery.write(to: &$0) }
    }

    private func replay(_ call: APIRequest, by principal: Principal) async throws -> Response {
        let delivery = try await callbacks.replay(try call.callbackID(), by: principal)
        return .envelope(call, .accepted, at: store.now) { delivery.write(to: &$0) }
    }
}

extension APIRequest {
    /// The id in the path; what has no id's form is an id that no delivery has.
    fileprivate func callbackID() throws(APIError) -> CallbackID {
        guard let id = CallbackID(try parameter("id")) else { throw .notFound("Callback delivery") }
        return id
    }
}
