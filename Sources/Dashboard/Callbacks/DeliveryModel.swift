import MailModel

/// One callback with its attempts.
struct DeliveryModel: Sendable {
    struct Attempt: Sendable {
        let at: TimestampView
        let state: Badge
        let outcome: String
    }

    let back: String
    let url: String
    let state: Badge
    let id: String
    let event: String
    let email: Link?
    let next: TimestampView?
    let attempts: [Attempt]
    let hasAttempts: Bool
    let replay: String?

    init(_ delivery: CallbackDelivery, _ request: DashboardRequest) {
        back = request.link(CallbackPages.path) + "#deliveries"
        url = delivery.url
        state = delivery.status.badge
        id = delivery.id.description
        event = delivery.eventID.description
        email = delivery.emailID.map { Link(text: "The email", href: request.link("/dashboard/emails/\($0)")) }
        next = delivery.nextAttemptAt.map { TimestampView($0) }
        attempts = delivery.attempts.reversed().map {
            Attempt(
                at: TimestampView($0.at), state: $0.error == nil ? Badge("Accepted", .good) : Badge("Failed", .bad), outcome: $0.outcome)
        }
        hasAttempts = !attempts.isEmpty
        replay = request.may(.callbacksReplay) ? request.link("\(CallbackPages.path)/deliveries/\(delivery.id)/replay") : nil
    }
}
