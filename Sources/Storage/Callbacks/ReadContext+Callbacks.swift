import Database
package import MailModel

extension ReadContext {
    /// The account's endpoints, newest first.
    package func callbackEndpoints(of accountID: Int64) throws -> [CallbackEndpoint] {
        try callbackEndpoints(of: [accountID])
    }

    /// The endpoints of accounts, each account's newest first.
    func callbackEndpoints(of accountIDs: [Int64]) throws -> [CallbackEndpoint] {
        try transaction.query(
            over: accountIDs.map { .integer($0) },
            { "SELECT \(CallbackEndpointRow.columns) FROM callback_endpoints WHERE account_id IN (\($0)) ORDER BY id DESC" },
            CallbackEndpointRow.decode)
    }

    package func callbackEndpoint(_ id: Int64) throws -> CallbackEndpoint? {
        try transaction.first(
            "SELECT \(CallbackEndpointRow.columns) FROM callback_endpoints WHERE id = ?1", [.integer(id)], CallbackEndpointRow.decode)
    }

    package func callbackDelivery(_ id: CallbackID) throws -> CallbackDelivery? {
        try transaction.first("\(CallbackRow.select) WHERE id = ?1", [.id(id)], CallbackRow.decode)
    }

    /// Deliveries of an account, newest first; those of one email in the order of their events.
    ///
    /// - Parameters:
    ///   - after: begin behind this one.
    ///   - limit: at most this many.
    package func callbackDeliveries(
        of accountID: Int64, status: CallbackDelivery.Status?, after: CallbackID?, limit: Int
    ) throws -> [CallbackDelivery] {
        var conditions = "account_id = ?1"
        var arguments: [DatabaseValue] = [.integer(accountID), .integer(limit)]
        if let status {
            arguments.append(.text(status.rawValue))
            conditions += " AND status = ?\(arguments.count)"
            // The words of the partial index, by which the database knows that it may use it.
            if status != .delivered { conditions += " AND status <> 'delivered'" }
        }
        if let after {
            arguments.append(.id(after))
            conditions += " AND id < ?\(arguments.count)"
        }
        return try transaction.query(
            "\(CallbackRow.select) WHERE \(conditions) ORDER BY id DESC LIMIT ?2", arguments, CallbackRow.decode)
    }

    /// All that was or will be told of one email: as many as its changes of status and its URLs.
    package func callbackDeliveries(of email: EmailID) throws -> [CallbackDelivery] {
        try transaction.query("\(CallbackRow.select) WHERE email_id = ?1 ORDER BY number DESC", [.id(email)], CallbackRow.decode)
    }

    /// When a callback is to be made next, due or overdue; `nil` when none is.
    package func nextCallbackDue() throws -> Timestamp? {
        try transaction.first("SELECT due_at FROM callback_lanes WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1") {
            $0.requiredTimestamp(0)
        }
    }
}
