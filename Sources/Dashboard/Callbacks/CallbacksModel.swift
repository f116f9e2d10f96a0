import Callbacks
import MailModel
import Storage

/// The callback endpoints, the secret and the deliveries.
struct CallbacksModel: Sendable {
    struct Endpoint: Sendable {
        let url: String
        let state: Badge
        /// How its receiver behaves: `Failing: 500 for 99 attempts, next in 20 s`.
        let health: String
        let waiting: String
        /// The number of parked deliveries; `nil` where it is not known.
        let parked: String?
        /// Its account, where the page is about all.
        let account: String?
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
        let id: String
        let href: String
        let event: String
        let url: String
        let state: Badge
        let at: TimestampView
        let recipient: Link?
        let attempts: String
        let outcome: String
        /// Its account, where the page is about all.
        let account: String?
    }

    let chooser: AccountChooser?
    let mayChange: Bool
    let mayReplay: Bool
    let replayAction: String
    /// Whether all parked deliveries can be replayed: those of one account.
    let replaysAll: Bool
    let showsAccounts: Bool
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
    let export: String
    let empty: EmptyState?
    let pager: Pager?

    /// - Parameter lines: one item more than `pageSize` shows that there are more.
    init(
        _ endpoints: [CallbackService.ShownEndpoint], _ lines: [CallbackLine], _ search: DeliverySearch, _ secret: CallbackSecret?,
        _ request: DashboardRequest, pageSize: Int
    ) {
        chooser = AccountChooser(
            request, CallbackPages.path, hint: "Choose an account to add endpoints, and to see its secret and what was parked.")
        mayChange = request.may(.callbacksManage)
        mayReplay = request.may(.callbacksReplay)
        replayAction = request.link(CallbackPages.path + "/replay")
        showsAccounts = request.showsAccounts
        replaysAll = mayReplay && request.account != nil && endpoints.contains { $0.health.parked ?? 0 > 0 }
        self.endpoints = endpoints.map { Endpoint($0, request) }
        hasEndpoints = !endpoints.isEmpty
        noEndpoints =
            endpoints.isEmpty
            ? EmptyState(
                title: "No endpoints yet",
                hint: "Add the URL of your application: it receives a signed POST at every change of status, retried until it answers 2xx.")
            : nil
        form = mayChange && request.account != nil ? EndpointForm(request) : nil
        self.secret = secret.map { SecretModel($0, request) }
        rows = lines.prefix(pageSize).map { Row($0, request) }
        hasRows = !rows.isEmpty
        only = request.chosenAccount
        email = search.email?.description
        statuses = Choice.all(or: "Any state", chosen: search.status, \.word)
        export = request.link(ExportPages.callbacks, ["status": search.status?.rawValue])
        pager = Pager(lines, size: pageSize, isFirst: search.after == nil) { last in
            request.link(
                CallbackPages.path,
                ["status": search.status?.rawValue, "email": search.email?.description, "after": last?.delivery.id.description])
                + "#deliveries"
        }?.turned(by: request)
        empty =
            rows.isEmpty
            ? EmptyState(
                title: search.status == nil && search.email == nil ? "No callbacks yet" : "No callbacks match",
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
    fileprivate init(_ shown: CallbackService.ShownEndpoint, _ request: DashboardRequest) {
        let endpoint = shown.endpoint
        let path = "\(CallbackPages.path)/\(endpoint.id)"
        url = endpoint.url
        state = shown.badge
        health = shown.words(at: request.now)
        waiting = Self.count(shown.health.waiting)
        parked = shown.health.parked.map(Self.count)
        account = request.showsAccounts ? shown.userName : nil
        events = endpoint.events.isEmpty ? "All events" : endpoint.events.joined(separator: ", ")
        guard request.may(.callbacksManage) else {
            actions = nil
            return
        }
        actions = CallbacksModel.Actions(
            ping: request.link(path + "/ping"), toggle: request.link(path + "/switch"), toggled: endpoint.isActive ? "false" : "true",
            toggleText: endpoint.isActive ? "Switch off" : "Switch on", removal: request.link(path + "/delete"))
    }

    private static func count(_ number: Int64) -> String {
        Format.count(number) + (number >= ReceiverHealth.most ? "+" : "")
    }
}

extension CallbackService.ShownEndpoint {
    fileprivate var badge: Badge {
        guard endpoint.isActive else { return Badge("Off", .neutral) }
        return health.breaker.failures == 0 ? Badge("Working", .good) : Badge("Failing", health.breaker.isFailing ? .bad : .warning)
    }

    fileprivate func words(at now: Timestamp) -> String {
        let failures = health.breaker.failures
        guard failures > 0 else { return health.waiting > 0 ? "Working" : "Nothing waits" }
        let answer = health.lastFailure.map { $0.httpStatus.map(String.init) ?? $0.error ?? "no answer" } ?? "no answer"
        let attempts = failures == 1 ? "1 attempt" : "\(Format.count(failures)) attempts"
        let next = health.nextAttemptAt.map { $0 > now ? ", next in \(Format.duration($0 - now))" : ", next now" } ?? ""
        return "Failing: \(answer) for \(attempts)\(next)"
    }
}

extension CallbacksModel.Row {
    init(_ line: CallbackLine, _ request: DashboardRequest) {
        let delivery = line.delivery
        id = delivery.id.description
        href = request.link("\(CallbackPages.path)/deliveries/\(delivery.id)")
        event = line.event == CallbackEvent.ping ? "Test event" : line.event
        url = delivery.url
        state = delivery.status.badge
        at = TimestampView(delivery.id.uuid.time)
        recipient = delivery.emailID.map { Link(text: line.recipient?.shown ?? "Email", href: request.link("/dashboard/emails/\($0)")) }
        attempts = Format.count(line.attempts)
        outcome = delivery.attempts.last?.outcome ?? "Not tried yet"
        account = request.showsAccounts ? line.userName : nil
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
