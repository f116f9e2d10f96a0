import Database
package import MailModel

extension ReadableTransaction {
    /// The callbacks of all accounts: those to be made, and those that were delivered or parked.
    package var callbacks: CallbackOutbox<Self> { CallbackOutbox(tx: self) }
}

/// The outbox of callbacks (specification 7): a row for each event and URL, inserted together with the change that it reports, and the
/// queue that they are delivered from.
package struct CallbackOutbox<Tx: ReadableTransaction> {
    let tx: Tx
}

/// What a transaction has read of endpoints and callbacks.
struct CallbackCache {
    /// The endpoints of an account, newest first; `nil` for one whose endpoints were not read.
    var endpoints: [Int64: [CallbackEndpoint]] = [:]
    /// The callbacks of an email; `nil` for one whose callbacks were not read, or may have changed since.
    var queued: [EmailID: [QueuedEvent]] = [:]
}

/// A callback of an email, as far as it decides whether the next one has to wait for it.
struct QueuedEvent {
    /// Counts the email's callbacks.
    var number: Int64
    var url: String
    var isPending: Bool
}

/// What the body of a callback needs besides its event.
package struct CallbackContent: Sendable {
    /// The email without its texts; `nil` where the event is about the account.
    package var email: Email?
    /// The account's reference.
    package var userName: String
}

extension CallbackOutbox {
    /// Returns the delivery with this id; `nil` when there is none.
    package func find(_ id: CallbackID) throws -> CallbackDelivery? {
        try tx.sql.first("\(CallbackRow.select) WHERE id = ?1", [.id(id)], CallbackRow.decode)
    }

    /// Returns a page of an account's deliveries, newest first; those of one email in the order of their events.
    ///
    /// - Parameters:
    ///   - status: only those with this status; `nil` for all.
    ///   - after: the last one of the page before; `nil` for the first page.
    package func list(of accountID: Int64, status: CallbackDelivery.Status?, after: CallbackID?, limit: Int) throws -> [CallbackDelivery] {
        var conditions = "account_id = ?1"
        var arguments: [DatabaseValue] = [.integer(accountID), .integer(limit)]
        if let status {
            arguments.append(.text(status.rawValue))
            conditions += " AND status = ?\(arguments.count)"
            // The condition of the partial index, without which the planner does not use it.
            if status != .delivered { conditions += " AND status <> 'delivered'" }
        }
        if let after {
            arguments.append(.id(after))
            conditions += " AND id < ?\(arguments.count)"
        }
        return try tx.sql.query("\(CallbackRow.select) WHERE \(conditions) ORDER BY id DESC LIMIT ?2", arguments, CallbackRow.decode)
    }

    /// Returns all deliveries of an email, the latest first.
    ///
    /// Their number is bounded by the email's changes of status and its URLs.
    package func list(of email: EmailID) throws -> [CallbackDelivery] {
        try tx.sql.query("\(CallbackRow.select) WHERE email_id = ?1 ORDER BY number DESC", [.id(email)], CallbackRow.decode)
    }

    /// Returns when the next callback is due, which may be in the past; `nil` when none is queued.
    ///
    /// - Parameter accounts: those whose deliveries do not count.
    package func nextDue(except accounts: [Int64] = []) throws -> Timestamp? {
        try tx.receiverQueues.nextDue(except: accounts)
    }

    /// Returns what the body of a claimed callback is made of.
    ///
    /// - Throws: ``StorageError/malformed(_:)`` where the stored email cannot be read.
    package func content(of claim: CallbackClaim) throws -> CallbackContent {
        let email = try claim.delivery.emailID.flatMap { id in
            try tx.sql.first("\(EmailRow.selectSummary) WHERE e.id = ?1", [.id(id)], EmailRow.decode)
        }
        let userName = try email?.userName ?? tx.accounts.find(claim.delivery.accountID)?.reference ?? ""
        return CallbackContent(email: email, userName: userName)
    }
}

extension CallbackOutbox where Tx == Transaction {
    /// Deletes up to `limit` callbacks of events before `time` that were delivered or parked, except those that are being replayed.
    ///
    /// Where the table is partitioned, only those of the default partition: the others are dropped by the month.
    ///
    /// - Returns: how many were deleted.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        let table = tx.sql.dialect.rest(of: "callback_deliveries")
        return try tx.sql.execute(
            """
            DELETE FROM \(table) WHERE status <> 'pending' AND id IN (
                SELECT id FROM \(table) WHERE id < ?1 AND status <> 'pending' ORDER BY id LIMIT ?2\(tx.sql.dialect.forUpdateSkipLocked))
            """, [.id(CallbackID.lowest(at: time)), .integer(limit)])
    }
}
