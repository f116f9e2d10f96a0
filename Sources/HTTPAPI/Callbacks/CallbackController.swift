import Callbacks
import Hummingbird
import MailModel
import Storage
import Web

/// `/callback-endpoints`, `/callback-secret`, `/callback-deliveries`: the callbacks of an account (specification 7).
struct CallbackController: Sendable {
    let store: Store
    let callbacks: CallbackService

    var operations: [Operation] {
        [
            Operation(.get, "/callback-endpoints", .callbacksRead, Self.listDocumentation, list),
            Operation(.post, "/callback-endpoints", .callbacksManage, Self.createDocumentation, create),
            Operation(.put, "/callback-endpoints/{id}", .callbacksManage, Self.updateDocumentation, update),
            Operation(.delete, "/callback-endpoints/{id}", .callbacksManage, Self.deleteDocumentation, delete),
            Operation(.post, "/callback-endpoints/{id}/ping", .callbacksManage, Self.pingDocumentation, ping),
            Operation(.get, "/callback-secret", .callbacksSecret, Self.secretDocumentation, secret),
            Operation(.post, "/callback-secret/rotate", .callbacksSecret, Self.rotateDocumentation, rotate),
            Operation(.get, "/callback-deliveries", .callbacksRead, Self.deliveriesDocumentation, deliveries),
            Operation(.get, "/callback-deliveries/{id}", .callbacksRead, Self.deliveryDocumentation, delivery),
            Operation(.post, "/callback-deliveries/{id}/replay", .callbacksReplay, Self.replayDocumentation, replay),
        ].inEnvelopes
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let account = try await RequestedAccount(request.query["userName"], by: principal).require(in: store)
        let limit = try request.query.limit()
        let after = try request.query.after() ?? .max
        let found = try await callbacks.endpoints(of: account).drop { $0.id >= after }
        return .page(request, of: found, limit: limit, at: store.now, next: \.id.description, write: CallbackResources.endpoint.write)
    }

    private func create(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields(nullIsAbsent: true)
        let url = fields.requiredString("url")
        let events = fields.strings("events") ?? []
        let isActive = fields.boolean("active") ?? true
        let kind: CallbackEndpoint.Kind = fields.choice("kind") ?? .martlet
        let userName = fields.string("userName")
        try fields.check(missingStatus: .badRequest)
        let account = try await RequestedAccount(userName, by: principal).require(in: store)
        let endpoint = try await callbacks.create(url, events: events, isActive: isActive, kind: kind, for: account, by: principal)
        return .envelope(request, .created, at: store.now) { CallbackResources.endpoint.write(endpoint, to: &$0) }
    }

    private func update(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        let changes = CallbackEndpointChanges(
            url: fields.string("url"), events: fields.strings("events"), isActive: fields.boolean("active"))
        try fields.check()
        let endpoint = try await callbacks.update(try request.id(of: "Callback endpoint"), changes, by: principal)
        return .envelope(request, at: store.now) { CallbackResources.endpoint.write(endpoint, to: &$0) }
    }

    private func delete(_ request: APIRequest, by principal: Principal) async throws -> Response {
        try await callbacks.delete(try request.id(of: "Callback endpoint"), by: principal)
        return .noContent
    }

    private func ping(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let delivery = try await callbacks.ping(try request.id(of: "Callback endpoint"), by: principal)
        return .envelope(request, .accepted, at: store.now) { CallbackResources.delivery.write(delivery, to: &$0) }
    }

    private func secret(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let account = try await RequestedAccount(request.query["userName"], by: principal).require(in: store)
        return answer(try await callbacks.secret(of: account), to: request)
    }

    private func rotate(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.optionalFields()
        let userName = fields?.string("userName")
        let hours = fields?.integer("overlapHours")
        try fields?.check()
        if let hours, !(0...168).contains(hours) { throw APIError.invalid("overlapHours", "expected a whole number from 0 to 168") }
        let account = try await RequestedAccount(userName ?? request.query["userName"], by: principal).require(in: store)
        let overlap = hours.map { Duration.seconds($0 * 3600) } ?? CallbackService.defaultOverlap
        return answer(try await callbacks.rotateSecret(of: account, overlap: overlap, by: principal), to: request)
    }

    private func answer(_ secret: CallbackSecret, to request: APIRequest) -> Response {
        let now = store.now
        var response = Response.envelope(request, at: now) { CallbackResources.secret.write((secret, now), to: &$0) }
        // No cache may store it.
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private func deliveries(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let account = try await RequestedAccount(request.query["userName"], by: principal).require(in: store)
        let status: CallbackDelivery.Status? = try request.query.choice("status")
        let email = try request.query.value("emailId", "the id of an email", EmailID.init)
        let after = try request.query.value("after", "the id of a delivery", CallbackID.init)
        let limit = try request.query.limit()
        let found = try await callbacks.deliveries(of: account, status: status, email: email, after: after, limit: limit + 1)
        return .page(request, of: found, limit: limit, at: store.now, next: \.id.description, write: CallbackResources.delivery.write)
    }

    private func delivery(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let delivery = try await callbacks.delivery(try request.callbackID(), by: principal) else {
            throw APIError.notFound("Callback delivery")
        }
        return .envelope(request, at: store.now) { CallbackResources.delivery.write(delivery, to: &$0) }
    }

    private func replay(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let delivery = try await callbacks.replay(try request.callbackID(), by: principal)
        return .envelope(request, .accepted, at: store.now) { CallbackResources.delivery.write(delivery, to: &$0) }
    }
}

extension APIRequest {
    /// Returns the id in the path.
    ///
    /// - Throws: ``APIError`` 404 for a text that is not an id.
    fileprivate func callbackID() throws(APIError) -> CallbackID {
        guard let id = CallbackID(try parameter("id")) else { throw .notFound("Callback delivery") }
        return id
    }
}
