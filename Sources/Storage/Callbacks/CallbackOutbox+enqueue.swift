import Database
package import MailModel

extension CallbackOutbox where Tx == Transaction {
    /// Enqueues a notice for the account's endpoints that want it.
    ///
    /// They are called after the commit.
    func enqueue(_ notice: AccountNotice, to accountID: Int64) throws {
        let event = CallbackEvent(
            name: notice.event.rawValue, at: tx.now, domain: notice.domain, explanation: notice.explanation, details: notice.details)
        let targets = try endpoints(of: accountID, wanting: event.name)
        try insert(event, for: targets, emailID: nil, accountID: accountID)
    }

    /// Enqueues a trial call of an endpoint, whatever events it wants and whether it is active.
    package func enqueuePing(to endpoint: CallbackEndpoint) throws -> CallbackDelivery {
        let event = CallbackEvent(name: CallbackEvent.ping, at: tx.now, explanation: "A trial call: nothing happened.")
        let target = CallbackTarget(url: endpoint.url, endpointID: nil)
        let inserted = try insert(event, for: [target], emailID: nil, accountID: endpoint.accountID)
        guard let id = inserted.first, let delivery = try find(id) else { throw StorageError.malformed("callback_deliveries.id") }
        return delivery
    }

    /// Enqueues a change of an email's status for each of the email's URLs and each endpoint that wants it; nothing where the status has
    /// not changed, or causes no callbacks.
    ///
    /// - Parameters:
    ///   - before: the status before the change; `nil` for a new email.
    ///   - entry: the entry of the timeline that the change belongs to.
    ///   - callbacks: the email's own URLs.
    func enqueue(
        _ status: EmailStatus, after before: EmailStatus?, entry: TimelineEntry, of email: EmailID, accountID: Int64, callbacks: [String]
    ) throws {
        guard status != before, status.causesCallbacks else { return }
        let known = try endpoints(of: accountID, wanting: status.rawValue)
        guard !callbacks.isEmpty || !known.isEmpty else { return }
        let own = Set(callbacks)
        let targets = own.sorted().map { CallbackTarget(url: $0) } + known.filter { !own.contains($0.url) }
        let event = CallbackEvent(
            name: status.rawValue, previousStatus: before, at: entry.at, explanation: entry.explanation, details: entry.details)
        try insert(event, for: targets, emailID: email, accountID: accountID)
    }

    /// Reads the callbacks of emails into the cache, unless they are in it.
    func prefetchQueued(of emails: [EmailID]) throws {
        let unknown = emails.filter { tx.callbackCache.queued[$0] == nil }
        guard !unknown.isEmpty else { return }
        for id in unknown { tx.callbackCache.queued[id] = [] }
        let found = try tx.sql.query(
            over: unknown.map { .id($0) }, { "SELECT email_id, number, url, status FROM callback_deliveries WHERE email_id IN (\($0))" }
        ) { row in
            let isPending = row.text(3) == CallbackDelivery.Status.pending.rawValue
            return (try row.emailID(0), QueuedEvent(number: row.integer(1), url: row.text(2), isPending: isPending))
        }
        for (id, event) in found { tx.callbackCache.queued[id]?.append(event) }
    }

    private func endpoints(of accountID: Int64, wanting event: String) throws -> [CallbackTarget] {
        try tx.callbackEndpoints.known(of: accountID).filter { $0.wants(event) }.map { CallbackTarget(url: $0.url, endpointID: $0.id) }
    }

    private func queued(of email: EmailID) throws -> [QueuedEvent] {
        try prefetchQueued(of: [email])
        return tx.callbackCache.queued[email] ?? []
    }

    /// Inserts an event, once for each target.
    ///
    /// One whose email has an earlier callback pending at the same URL waits for that one.
    ///
    /// - Returns: the ids of the deliveries.
    @discardableResult
    private func insert(
        _ event: CallbackEvent, for targets: [CallbackTarget], emailID: EmailID?, accountID: Int64
    ) throws -> [CallbackID] {
        guard !targets.isEmpty else { return [] }
        tx.wakeups.insert(.callbacks)
        let eventID = CallbackID(at: tx.now)
        let stored = event.stored
        let earlier = try emailID.map { try queued(of: $0) } ?? []
        var number = earlier.map(\.number).max() ?? 0
        return try targets.map { target in
            number += 1
            let waits = earlier.contains { $0.isPending && $0.url == target.url }
            if let emailID { tx.callbackCache.queued[emailID]?.append(QueuedEvent(number: number, url: target.url, isPending: true)) }
            let id = CallbackID(at: tx.now)
            let queue = try tx.receiverQueues.findOrInsert(for: target.url, accountID: accountID)
            // One that waits makes its queue due when its turn comes.
            if !waits { tx.receiverQueueCache.change(queue, .due) }
            try tx.sql.add(
                [
                    .id(id), .integer(accountID), .integer(queue), emailID.map(DatabaseValue.id) ?? .null, .integer(number),
                    .integer(target.endpointID), .id(eventID), .text(target.url), .text(stored),
                    .text(CallbackDelivery.Status.pending.rawValue), .integer(0), .text("[]"), waits ? .null : .timestamp(tx.now),
                ], by: CallbackRow.insertion)
            return id
        }
    }
}

/// Where an event goes: an endpoint, or a URL of the email's own.
private struct CallbackTarget {
    var url: String
    var endpointID: Int64?
}
