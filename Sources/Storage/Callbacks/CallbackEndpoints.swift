import Database
package import MailModel

extension ReadableTransaction {
    /// The callback endpoints of all accounts, and the secrets that their callbacks are signed with.
    package var callbackEndpoints: CallbackEndpoints<Self> { CallbackEndpoints(tx: self) }
}

/// The callback endpoints of the accounts.
///
/// A transaction that changes something reads those of an account once: see ``CallbackCache``.
package struct CallbackEndpoints<Tx: ReadableTransaction> {
    let tx: Tx
}

extension CallbackEndpoints {
    /// Returns the account's endpoints, newest first.
    package func list(of accountID: Int64) throws -> [CallbackEndpoint] {
        try list(of: [accountID])
    }

    /// Returns the endpoints of several accounts, each account's newest first.
    func list(of accountIDs: [Int64]) throws -> [CallbackEndpoint] {
        try tx.sql.query(
            over: accountIDs.map { .integer($0) },
            { "SELECT \(CallbackEndpointRow.columns) FROM callback_endpoints WHERE account_id IN (\($0)) ORDER BY id DESC" },
            CallbackEndpointRow.decode)
    }

    /// Returns the endpoint with this id; `nil` when there is none.
    package func find(_ id: Int64) throws -> CallbackEndpoint? {
        try tx.sql.first(
            "SELECT \(CallbackEndpointRow.columns) FROM callback_endpoints WHERE id = ?1", [.integer(id)], CallbackEndpointRow.decode)
    }
}

extension CallbackEndpoints where Tx == Transaction {
    /// Inserts an endpoint of an account.
    ///
    /// - Parameters:
    ///   - events: the names of the events it receives; empty for all.
    ///   - isActive: whether callbacks are sent to it.
    ///   - kind: the form of what it receives.
    package func insert(
        of accountID: Int64, url: String, events: [String], isActive: Bool, kind: CallbackEndpoint.Kind = .martlet
    ) throws -> CallbackEndpoint {
        tx.callbackCache.endpoints[accountID] = nil
        let endpoint = try tx.sql.first(
            """
            INSERT INTO callback_endpoints (account_id, url, events, active, created_at, id, kind) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            RETURNING \(CallbackEndpointRow.columns)
            """,
            [
                .integer(accountID), .text(url), .text(events.joined(separator: ",")), .bool(isActive), .timestamp(tx.now),
                .integer(tx.newID()), .text(kind.rawValue),
            ],
            CallbackEndpointRow.decode)
        guard let endpoint else { throw StorageError.malformed("callback_endpoints.id") }
        return endpoint
    }

    /// Updates an endpoint: only the columns that change, since another node may be changing the others.
    ///
    /// Callbacks that are queued already go to the URL they were queued with.
    ///
    /// - Returns: the endpoint after the change; `nil` when it was deleted meanwhile.
    package func update(_ endpoint: CallbackEndpoint, _ changes: CallbackEndpointChanges) throws -> CallbackEndpoint? {
        tx.callbackCache.endpoints[endpoint.accountID] = nil
        var columns = ColumnChanges()
        columns.set("url", changes.url.map { .text($0) })
        columns.set("events", changes.events.map { .text($0.joined(separator: ",")) })
        columns.set("active", changes.isActive.map { .bool($0) })
        if !columns.isEmpty {
            try tx.sql.execute(
                "UPDATE callback_endpoints SET \(columns.assignments(from: 2)) WHERE id = ?1", [.integer(endpoint.id)] + columns.values)
        }
        return try find(endpoint.id)
    }

    /// Deletes an endpoint.
    ///
    /// Callbacks that are still queued for it are parked when they are due.
    ///
    /// - Returns: false where it was deleted meanwhile.
    @discardableResult
    package func delete(_ endpoint: CallbackEndpoint) throws -> Bool {
        tx.callbackCache.endpoints[endpoint.accountID] = nil
        return try tx.sql.execute("DELETE FROM callback_endpoints WHERE id = ?1", [.integer(endpoint.id)]) == 1
    }

    /// Reads the endpoints of accounts into the cache, unless they are in it.
    func prefetch(of accountIDs: Set<Int64>) throws {
        let unknown = accountIDs.filter { tx.callbackCache.endpoints[$0] == nil }
        guard !unknown.isEmpty else { return }
        for id in unknown { tx.callbackCache.endpoints[id] = [] }
        for endpoint in try list(of: Array(unknown)) { tx.callbackCache.endpoints[endpoint.accountID]?.append(endpoint) }
    }

    /// Returns the account's endpoints, newest first, from the cache: most accounts have none, and not every email should cost a query.
    func known(of accountID: Int64) throws -> [CallbackEndpoint] {
        try prefetch(of: [accountID])
        return tx.callbackCache.endpoints[accountID] ?? []
    }
}
