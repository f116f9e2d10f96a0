import Callbacks
import Hummingbird
import MailModel
import Web

/// `/dashboard/callbacks`: callback endpoints, the secret and the deliveries.
struct CallbackPages: Section {
    let callbacks: CallbackService

    static let path = "/dashboard/callbacks"
    private static let pageSize = 25
    /// The endpoints that the operator's page has of all accounts.
    private static let mostEndpoints = 100
    /// The parked deliveries that one click replays.
    private static let mostReplayed = 1000

    var pages: [Page] {
        [
            .get(Self.path, .callbacksRead, list), .post(Self.path, .callbacksManage, create),
            .post(Self.path + "/{id}/ping", .callbacksManage, ping), .post(Self.path + "/{id}/switch", .callbacksManage, toggle),
            .post(Self.path + "/{id}/delete", .callbacksManage, delete), .post(Self.path + "/secret", .callbacksSecret, rotate),
            .get(Self.path + "/deliveries/{id}", .callbacksRead, show),
            .post(Self.path + "/deliveries/{id}/replay", .callbacksReplay, replay),
            .post(Self.path + "/replay", .callbacksReplay, replayMany),
        ]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let search = DeliverySearch(request.query)
        let account = request.account
        let endpoints = try await callbacks.shownEndpoints(of: account, limit: Self.mostEndpoints)
        let lines = try await callbacks.lines(
            of: account, status: search.status, email: search.email, after: search.after, limit: Self.pageSize + 1)
        let secret = request.may(.callbacksSecret) ? try await account.asyncMap { try await callbacks.secret(of: $0) } : nil
        let model = CallbacksModel(endpoints, lines, search, secret, request, pageSize: Self.pageSize)
        return request.page(.callbacks, "Callbacks", model)
    }

    private func create(_ request: DashboardRequest) async throws -> Response {
        let events = CallbackEndpoint.knownEvents.filter { request.form[EndpointForm.field($0)] != nil }
        let endpoint = try await callbacks.create(
            request.form["url"]?.trimmed ?? "", events: events, isActive: true, for: try account(request), by: request.principal)
        return request.redirect(request.link(Self.path), saying: "The endpoint \(endpoint.url) is added. Send it a test event.")
    }

    private func ping(_ request: DashboardRequest) async throws -> Response {
        let delivery = try await callbacks.ping(try request.id(of: "Callback endpoint"), by: request.principal)
        return request.redirect(
            request.link("\(Self.path)/deliveries/\(delivery.id)"), saying: "The test event is queued. Reload the page in a moment."
        )
    }

    private func toggle(_ request: DashboardRequest) async throws -> Response {
        let changes = CallbackEndpointChanges(isActive: request.form["active"] == "true")
        let endpoint = try await callbacks.update(try request.id(of: "Callback endpoint"), changes, by: request.principal)
        return request.redirect(request.link(Self.path), saying: "\(endpoint.url) is switched \(endpoint.isActive ? "on" : "off").")
    }

    private func delete(_ request: DashboardRequest) async throws -> Response {
        try await callbacks.delete(try request.id(of: "Callback endpoint"), by: request.principal)
        return request.redirect(request.link(Self.path), saying: "The endpoint is deleted; what waited for it is parked.")
    }

    private func rotate(_ request: DashboardRequest) async throws -> Response {
        let hours = Int64(request.form["overlap"] ?? "") ?? 24
        guard (0...168).contains(hours) else { throw APIError.invalid("overlap", "expected 0 to 168 hours") }
        _ = try await callbacks.rotateSecret(of: try account(request), overlap: .seconds(hours * 3600), by: request.principal)
        return request.redirect(request.link(Self.path) + "#secret", saying: "There is a new secret.")
    }

    private func show(_ request: DashboardRequest) async throws -> Response {
        guard let delivery = try await callbacks.delivery(try id(request), by: request.principal) else {
            throw APIError.notFound("Delivery")
        }
        return request.page(.delivery, "Callback", DeliveryModel(delivery, request))
    }

    private func replay(_ request: DashboardRequest) async throws -> Response {
        let delivery = try await callbacks.replay(try id(request), by: request.principal)
        return request.redirect(
            request.link("\(Self.path)/deliveries/\(delivery.id)"), saying: "It is retried. Reload the page in a moment.")
    }

    /// Replays the deliveries that are ticked, or all parked ones of the account.
    private func replayMany(_ request: DashboardRequest) async throws -> Response {
        let page = request.link(Self.path) + "#deliveries"
        let ids = request.form.names(after: "pick.").compactMap { CallbackID($0) }
        let count: Int
        if request.form["all"] != nil {
            count = try await callbacks.replayParked(of: try account(request), limit: Self.mostReplayed, by: request.principal)
        } else {
            count = try await callbacks.replay(ids, by: request.principal)
        }
        guard count > 0 else { return request.redirect(page, saying: "Nothing to retry: no callback was selected.", tone: .warning) }
        return request.redirect(page, saying: "\(Format.count(Int64(count))) \(count == 1 ? "callback is" : "callbacks are") retried.")
    }

    private func id(_ request: DashboardRequest) throws(APIError) -> CallbackID {
        guard let id = CallbackID(try request.parameter("id")) else { throw .notFound("Delivery") }
        return id
    }

    private func account(_ request: DashboardRequest) throws(APIError) -> Account {
        guard let account = request.account else { throw APIError(.unprocessableContent, "Whose is it? Choose an account first.") }
        return account
    }
}

/// The filter and the position in the list of deliveries.
///
/// Invalid values are ignored.
struct DeliverySearch {
    let status: CallbackDelivery.Status?
    let email: EmailID?
    let after: CallbackID?

    init(_ query: Query) {
        status = query["status"].flatMap(CallbackDelivery.Status.init)
        email = query["email"].flatMap(EmailID.init)
        after = query["after"].flatMap(CallbackID.init)
    }
}

extension Template {
    static let callbacks = Template(PackageResources.callbacks_mustache)
    static let delivery = Template(PackageResources.delivery_mustache)
}
