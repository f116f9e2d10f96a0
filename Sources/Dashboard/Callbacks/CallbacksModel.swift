import Callbacks
import MailModel

/// The callback endpoints, the secret and the deliveries.
struct CallbacksModel: Sendable {
    struct Endpoint: Sendable {
        let url: String
        let state: Badge
        let events: String
        /// For those who may change it.
        let actions: Actions?
    }

    struct Actions: Sendable {
        let ping: String
        let toggle: String
        /// The value that switching sets: `true` or `false`.
        let toggled: String
        let toggleText: String
        let removal: String
    }

    struct Row: Sendable {
        let href: String
        let url: String
        let state: Badge
        let at: TimestampView
        let email: Link?
        let outcome: String
    }

    let chooser: AccountChooser?
    let isChosen: Bool
    let mayChange: Bool
    let endpoints: [Endpoint]
    let hasEndpoints: Bool
    let noEndpoints: EmptyState?
    let form: EndpointForm?
    let secret: SecretModel?
    let rows: [Row]
    let hasRows: Bool
    let only: String?
    let email: String?
    let statuses: [Choice]
    let empty: EmptyState?
    let pager: Pager?

    /// For the operator, while no account is chosen.
    init(_ request: DashboardRequest) {
        chooser = AccountChooser(request, CallbackPages.path, hint: "Endpoints and what they were told belong to one account.")
        (isChosen, mayChange, hasEndpoints, hasRows) = (false, false, false, false)
        (endpoints, rows, statuses) = ([], [], [])
        (noEndpoints, form, secret, only, email, empty, pager) = (nil, nil, nil, nil, nil, nil, nil)
    }

    /// - Parameter deliveries: one item more than `pageSize` shows that there are more.
    init(
        _ endpoints: [CallbackEndpoint], _ deliveries: [CallbackDelivery], _ search: DeliverySearch, _ secret: CallbackSecret?,
        _ request: DashboardRequest, pageSize: Int
    ) {
        chooser = nil
        isChosen = true
        mayChange = request.may(.callbacksManage)
        self.endpoints = endpoints.map { Endpoint($0, request) }
        hasEndpoints = !endpoints.isEmpty
        noEndpoints =
            endpoints.isEmpty
            ? EmptyState(
                title: "Nobody is told yet",
                hint:
                    "Add the URL of your application: it gets a signed POST at every change of status, and is asked again until it answers."
            )
            : nil
        form = mayChange ? EndpointForm(request) : nil
        self.secret = secret.map { SecretModel($0, request) }
        rows = deliveries.prefix(pageSize).map { Row($0, request) }
        hasRows = !rows.isEmpty
        only = request.chosenAccount
        email = search.email?.description
        statuses = Choice.all(or: "Any state", chosen: search.status, \.word)
        pager = Pager(deliveries, size: pageSize, isFirst: search.after == nil) { last in
            request.link(
                CallbackPages.path,
                ["status": search.status?.rawValue, "email": search.email?.description, "after": last?.id.description]) + "#deliveries"
        }
        empty =
            rows.isEmpty
            ? EmptyState(
                title: search.status == nil && search.email == nil ? "Nothing was told yet" : "No callback is like that",
                hint: "A callback is made when the status of an email changes, for the endpoints here and the URLs of the email itself.")
            : nil
    }
}

/// The form that adds an endpoint.
struct EndpointForm: Sendable {
    struct Event: Sendable {
        let field: String
        let name: String
    }

    let action: String
    let events: [Event]

    init(_ request: DashboardRequest) {
        action = request.link(CallbackPages.path)
        events = CallbackEndpoint.knownEvents.map { Event(field: Self.field($0), name: $0) }
    }

    /// The name of an event's checkbox: every field of a form has its own name.
    static func field(_ event: String) -> String { "event." + event }
}

/// The secret that signs the callbacks.
struct SecretModel: Sendable {
    let value: String
    let at: TimestampView
    let previousUntil: TimestampView?
    let action: String

    init(_ secret: CallbackSecret, _ request: DashboardRequest) {
        value = CallbackSecret.shown(secret.value)
        at = TimestampView(secret.createdAt)
        previousUntil = secret.previousExpiresAt.flatMap { $0 > request.now ? TimestampView($0) : nil }
        action = request.link(CallbackPages.path + "/secret")
    }
}

extension CallbacksModel.Endpoint {
    fileprivate init(_ endpoint: CallbackEndpoint, _ request: DashboardRequest) {
        let path = "\(CallbackPages.path)/\(endpoint.id)"
        url = endpoint.url
        state = endpoint.isActive ? Badge("On", .good) : Badge("Off", .neutral)
        events = endpoint.events.isEmpty ? "All events" : endpoint.events.joined(separator: ", ")
        guard request.may(.callbacksManage) else {
            actions = nil
            return
        }
        actions = CallbacksModel.Actions(
            ping: request.link(path + "/ping"), toggle: request.link(path + "/switch"), toggled: endpoint.isActive ? "false" : "true",
            toggleText: endpoint.isActive ? "Switch off" : "Switch on", removal: request.link(path + "/delete"))
    }
}

extension CallbacksModel.Row {
    fileprivate init(_ delivery: CallbackDelivery, _ request: DashboardRequest) {
        href = request.link("\(CallbackPages.path)/deliveries/\(delivery.id)")
        url = delivery.url
        state = delivery.status.badge
        at = TimestampView(delivery.id.uuid.time)
        email = delivery.emailID.map { Link(text: "Email", href: request.link("/dashboard/emails/\($0)")) }
        outcome = delivery.attempts.last?.outcome ?? "Not tried yet"
    }
}

extension CallbackDelivery.Status {
    var word: String {
        switch self {
        case .pending: "Pending"
        case .delivered: "Delivered"
        case .parked: "Parked"
        }
    }

    var badge: Badge {
        switch self {
        case .pending: Badge(word, .neutral)
        case .delivered: Badge(word, .good)
        case .parked: Badge(word, .bad)
        }
    }
}

extension CallbackAttempt {
    /// The outcome: `Answered 200`, or the error.
    var outcome: String {
        [httpStatus.map { "Answered \($0)" }, error].compactMap { $0 }.joined(separator: ": ")
    }
}
