import Database
package import MailModel

extension WriteContext {
    /// Adds an endpoint, active.
    package func createCallbackEndpoint(of accountID: Int64, url: String, events: [String], isActive: Bool) throws -> CallbackEndpoint {
        endpoints[accountID] = nil
        let endpoint = try transaction.first(
            """
            INSERT INTO callback_endpoints (account_id, url, events, active, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
            RETURNING \(CallbackEndpointRow.columns)
            """,
            [.integer(accountID), .text(url), .text(events.joined(separator: ",")), .bool(isActive), .timestamp(now)],
            CallbackEndpointRow.decode)
        guard let endpoint else { throw StorageError.malformed("callback_endpoints.id") }
        return endpoint
    }

    /// Changes an endpoint; what is not to change is left as another node may be changing it. What waits for it already goes to the URL of its
    /// time.
    ///
    /// - Returns: the endpoint as it is then; `nil` when it is gone.
    package func update(_ endpoint: CallbackEndpoint, _ changes: CallbackEndpointChanges) throws -> CallbackEndpoint? {
        endpoints[endpoint.accountID] = nil
        var columns = ColumnChanges()
        columns.set("url", changes.url.map { .text($0) })
        columns.set("events", changes.events.map { .text($0.joined(separator: ",")) })
        columns.set("active", changes.isActive.map { .bool($0) })
        if !columns.isEmpty {
            try transaction.execute(
                "UPDATE callback_endpoints SET \(columns.assignments(from: 2)) WHERE id = ?1", [.integer(endpoint.id)] + columns.values)
        }
        return try callbackEndpoint(endpoint.id)
    }

    /// Deletes an endpoint. What still waits for it is parked when its time comes.
    package func delete(_ endpoint: CallbackEndpoint) throws {
        endpoints[endpoint.accountID] = nil
        try transaction.execute("DELETE FROM callback_endpoints WHERE id = ?1", [.integer(endpoint.id)])
    }

    /// Reads the endpoints of accounts that this transaction has not read.
    func lookUpEndpoints(of accountIDs: Set<Int64>) throws {
        let unknown = accountIDs.filter { endpoints[$0] == nil }
        guard !unknown.isEmpty else { return }
        for id in unknown { endpoints[id] = [] }
        for endpoint in try callbackEndpoints(of: Array(unknown)) { endpoints[endpoint.accountID]?.append(endpoint) }
    }

    /// The account's endpoints, read once in a transaction: most accounts have none, and no email should pay for asking.
    func knownEndpoints(of accountID: Int64) throws -> [CallbackEndpoint] {
        try lookUpEndpoints(of: [accountID])
        return endpoints[accountID] ?? []
    }
}

extension WriteContext {
    /// The account's secret, made when it is first asked for.
    package func callbackSecret(of accountID: Int64) throws -> CallbackSecret {
        if let secret = try storedSecret(of: accountID) { return secret }
        let secret = CallbackSecret(value: CallbackSecret.random(), createdAt: now)
        try transaction.execute(
            "INSERT INTO callback_secrets (account_id, value, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.integer(accountID), .blob(secret.value), .timestamp(now)])
        // Another node may have been faster.
        return try storedSecret(of: accountID) ?? secret
    }

    /// Gives the account a new secret; the present one stays valid beside it for `overlap`.
    package func rotateCallbackSecret(of accountID: Int64, overlap: Duration) throws -> CallbackSecret {
        // Made first where there is none, and then locked: of two that replace it at the same moment the second replaces the first one's.
        var present = try callbackSecret(of: accountID)
        present = try storedSecret(of: accountID, lock: transaction.dialect.forUpdate) ?? present
        let secret = CallbackSecret(
            value: CallbackSecret.random(), createdAt: now, previous: present.value, previousExpiresAt: now + overlap)
        try transaction.execute(
            "UPDATE callback_secrets SET value = ?2, created_at = ?3, previous = ?4, previous_expires_at = ?5 WHERE account_id = ?1",
            [.integer(accountID), .blob(secret.value), .timestamp(now), .blob(present.value), .timestamp(secret.previousExpiresAt)])
        return secret
    }

    private func storedSecret(of accountID: Int64, lock: String = "") throws -> CallbackSecret? {
        try transaction.first(
            "SELECT value, created_at, previous, previous_expires_at FROM callback_secrets WHERE account_id = ?1\(lock)",
            [.integer(accountID)]
        ) { row in
            CallbackSecret(
                value: row.blob(0), createdAt: row.requiredTimestamp(1), previous: row.isNull(2) ? nil : row.blob(2),
                previousExpiresAt: row.timestamp(3))
        }
    }
}
