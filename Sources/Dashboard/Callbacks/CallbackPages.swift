import Callbacks
import Hummingbird
import MailModel
import Web

/// `/dashboard/callbacks`: callback endpoints, the secret and the deliveries.
struct CallbackPages: Section {
    let callbacks: CallbackService

    static let path = "/dashboard/callbacks"
    private static let pageSize = 25

    var pages: [Page] {
        [
            .get(Self.path, .callbacksRead, list), .post(Self.path, .callbacksManage, create),
            .post(Self.path + "/{id}/ping", .callbacksManage, ping), .post(Self.path + "/{id}/switch", .callbacksManage, toggle),
            .post(Self.path + "/{id}/delete", .callbacksManage, delete), .post(Self.path + "/secret", .callbacksSecret, rotate),
            .get(Self.path + "/deliveries/{id}", .callbacksRead, show),
            .post(Self.path + "/deliveries/{id}/replay", .callbacksReplay, replay),
        ]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        guard let account = request.account else { return request.page(.callbacks, "Callbacks", CallbacksModel(request)) }
        let search = DeliverySearch(request.query)
        let endpoints = try await callbacks.endpoints(of: account)
        let deliveries = try await callbacks.deliveries(
            of: account, status: search.status, email: search.email, after: search.after, limit: Self.pageSize + 1)
        let secret = request.may(.callbacksSecret) ? try await callbacks.secret(of: account) : nil
        let model = CallbacksModel(endpoints, deliveries, search, secret, request, pageSize: Self.pageSize)
        return request.page(.callbacks, "Callbacks", model)
    }

    private func create(_ request: DashboardRequest) async throws -> Response {
        let events = CallbackEndpoint.knownEvents.filter { request.form[EndpointForm.field($0)] != nil }
        let endpoint = try await callbacks.create(
            request.form["url"]?.trimmed ?? "", events: events, isActive: true, for: try account(request), by: request.principal)
        return request.redirect(request.link(Self.path), saying: "\(endpoint.url) will be told. Try it with a trial call.")
    }

    private func ping(_ request: DashboardRequest) async throws -> Response {
        let delivery = try await callbacks.ping(try request.id(of: "Callback endpoint"), by: request.principal)
        return request.redirect(
            request.link("\(Self.path)/deliveries/\(delivery.id)"), saying: "The trial call is on its way. Load the page again in a moment."
        )
    }

    private func toggle(_ request: DashboardRequest) async throws -> Response {
        let changes = CallbackEndpointChanges(isActive: request.form["active"] == "true")
        let endpoint = try await callbacks.update(try request.id(of: "Callback endpoint"), changes, by: request.principal)
        return request.redirect(request.link(Self.path), saying: "\(endpoint.url) is told \(endpoint.isActive ? "again" : "nothing").")
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
            request.link("\(Self.path)/deliveries/\(delivery.id)"), saying: "It is made again. Load the page again in a moment.")
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
