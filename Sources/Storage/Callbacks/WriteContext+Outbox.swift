import Database
package import MailModel

extension WriteContext {
    /// Tells an account's endpoints what concerns all of it. They are called after the commit, and again until they have taken it.
    package func announce(_ notice: AccountNotice, to accountID: Int64) throws {
        let event = CallbackEvent(name: notice.event.rawValue, at: now, domain: notice.domain, explanation: notice.explanation)
        let targets = try endpoints(of: accountID, wanting: event.name)
        try queue(event, for: targets, emailID: nil, accountID: accountID)
    }

    /// Calls an endpoint for a trial, whatever it wants to be told and whether it is active.
    package func ping(_ endpoint: CallbackEndpoint) throws -> CallbackDelivery {
        let event = CallbackEvent(name: CallbackEvent.ping, at: now, explanation: "A trial call: nothing happened.")
        let target = Target(url: endpoint.url, endpointID: nil)
        let made = try queue(event, for: [target], emailID: nil, accountID: endpoint.accountID)
        guard let id = made.first, let delivery = try callbackDelivery(id) else { throw StorageError.malformed("callback_deliveries.id") }
        return delivery
    }

    /// Puts a change of an email's status into the outbox, for each of the email's URLs and each endpoint that wants it.
    ///
    /// - Parameters:
    ///   - before: `nil` for a new email.
    ///   - callbacks: the email's own URLs.
    func tell(
        _ status: EmailStatus, after before: EmailStatus?, entry: TimelineEntry, of email: EmailID, accountID: Int64, callbacks: [String]
    ) throws {
        guard status != before, status.isTold else { return }
        let known = try endpoints(of: accountID, wanting: status.rawValue)
        guard !callbacks.isEmpty || !known.isEmpty else { return }
        let own = Set(callbacks)
        let targets = own.sorted().map { Target(url: $0) } + known.filter { !own.contains($0.url) }
        let event = CallbackEvent(
            name: status.rawValue, previousStatus: before, at: entry.at, explanation: entry.explanation, details: entry.details)
        try queue(event, for: targets, emailID: email, accountID: accountID)
    }

    private struct Target {
        var url: String
        var endpointID: Int64?
    }

    private func endpoints(of accountID: Int64, wanting event: String) throws -> [Target] {
        try knownEndpoints(of: accountID).filter { $0.wants(event) }.map { Target(url: $0.url, endpointID: $0.id) }
    }

    /// - Returns: the ids of the deliveries.
    @discardableResult
    private func queue(_ event: CallbackEvent, for targets: [Target], emailID: EmailID?, accountID: Int64) throws -> [CallbackID] {
        guard !targets.isEmpty else { return [] }
        wakeups.insert(.callbacks)
        let eventID = CallbackID(at: now)
        let stored = event.stored
        let earlier = try emailID.map { try told(of: $0) } ?? []
        var number = earlier.map(\.number).max() ?? 0
        return try targets.map { target in
            number += 1
            let waits = earlier.contains { $0.isPending && $0.url == target.url }
            if let emailID { told[emailID]?.append(QueuedEvent(number: number, url: target.url, isPending: true)) }
            let id = CallbackID(at: now)
            let lane = try lane(for: target.url, accountID: accountID)
            // One that waits makes its lane due when its turn comes.
            if !waits { lanes.change(lane, .due) }
            try transaction.add(
                [
                    .id(id), .integer(accountID), .integer(lane), emailID.map(DatabaseValue.id) ?? .null, .integer(number),
                    .integer(target.endpointID), .id(eventID), .text(target.url), .text(stored),
                    .text(CallbackDelivery.Status.pending.rawValue), .integer(0), .text("[]"), waits ? .null : .timestamp(now),
                ], by: Self.deliveries)
            return id
        }
    }

    private static let deliveries = Insertion(
        into: "callback_deliveries",
        [
            "id", "account_id", "lane_id", "email_id", "number", "endpoint_id", "event_id", "url", "event", "status", "failures",
            "attempts",
            "due_at",
        ])

    private func told(of email: EmailID) throws -> [QueuedEvent] {
        try lookUpTold(of: [email])
        return told[email] ?? []
    }

    /// Reads what was told or is to be told of emails, unless this transaction has read it.
    func lookUpTold(of emails: [EmailID]) throws {
        let unknown = emails.filter { told[$0] == nil }
        guard !unknown.isEmpty else { return }
        for id in unknown { told[id] = [] }
        let found = try transaction.query(
            over: unknown.map { .id($0) }, { "SELECT email_id, number, url, status FROM callback_deliveries WHERE email_id IN (\($0))" }
        ) { row in
            let isPending = row.text(3) == CallbackDelivery.Status.pending.rawValue
            return (try row.emailID(0), QueuedEvent(number: row.integer(1), url: row.text(2), isPending: isPending))
        }
        for (id, event) in found { told[id]?.append(event) }
    }
}

/// What a receiver was told of an email, or is to be told.
struct QueuedEvent {
    var number: Int64
    var url: String
    var isPending: Bool
}
