import Database
package import MailModel

extension ReadableTransaction {
    /// The scopes whose mail the provider refuses at present.
    package var sendingPauses: SendingPauses<Self> { SendingPauses(tx: self) }
}

/// The scopes whose mail the provider refuses at present, as the nodes that deliver have met with them (specification 6.3).
///
/// For people to see: each node parks mail by what it has met with itself.
package struct SendingPauses<Tx: ReadableTransaction> {
    let tx: Tx

    /// The most pauses that are read.
    static var mostRead: Int { 1000 }
}

/// A scope whose mail the provider refuses.
package struct SendingPause: Sendable, Equatable {
    /// The scope.
    package var scope: SendingScope
    /// The provider's own code and sentence.
    package var reason: String
    /// When mail of it was refused first.
    package var since: Timestamp
    /// When mail of it was refused last.
    package var refusedAt: Timestamp
}

extension SendingPauses {
    /// Returns the pauses of any of these scopes, the longest first.
    ///
    /// What was not refused for ``ParkedScopes/memory`` is left out: no mail of it was tried since.
    package func list(of scopes: [SendingScope]) throws -> [SendingPause] {
        let wanted = Set(scopes)
        return try list().filter { wanted.contains($0.scope) }
    }

    /// Returns all pauses, the longest first.
    package func list() throws -> [SendingPause] {
        try tx.sql.query(
            "SELECT kind, name, reason, since, refused_at FROM sending_pauses WHERE refused_at > ?1 ORDER BY since, kind, name LIMIT ?2",
            [.timestamp(tx.now - ParkedScopes.memory), .integer(Self.mostRead)]
        ) { row in
            SendingScope(kind: row.text(0), name: row.text(1)).map { scope in
                SendingPause(scope: scope, reason: row.text(2), since: row.requiredTimestamp(3), refusedAt: row.requiredTimestamp(4))
            }
        }.compactMap(\.self)
    }
}

extension SendingPauses where Tx == Transaction {
    /// Records that mail of a scope was refused.
    ///
    /// What was forgotten for long is deleted, so that the table stays small.
    package func insert(_ scope: SendingScope, reason: String) throws {
        let forgotten = tx.now - ParkedScopes.memory
        try tx.sql.execute("DELETE FROM sending_pauses WHERE refused_at <= ?1", [.timestamp(forgotten)])
        try tx.sql.execute(
            """
            INSERT INTO sending_pauses (kind, name, reason, since, refused_at) VALUES (?1, ?2, ?3, ?4, ?4)
            ON CONFLICT (kind, name) DO UPDATE SET reason = excluded.reason, refused_at = excluded.refused_at
            """,
            [.text(scope.kind), .text(scope.name), .text(String(reason.prefix(500))), .timestamp(tx.now)])
    }

    /// Records that mail of scopes is taken again.
    package func delete(_ scopes: [SendingScope]) throws {
        for scope in scopes {
            try tx.sql.execute("DELETE FROM sending_pauses WHERE kind = ?1 AND name = ?2", [.text(scope.kind), .text(scope.name)])
        }
    }
}
