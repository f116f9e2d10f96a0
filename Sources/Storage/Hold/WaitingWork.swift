import Database
package import MailModel

/// What a database would send once it is released.
package struct WaitingWork: Sendable, Equatable {
    /// Emails in the queue, with those that are scheduled for later.
    package var emails: Int64
    /// How many of them were with the provider at that moment, or had been tried: they may have been sent.
    package var attempted: Int64
    /// How many of them are scheduled for later.
    package var scheduled: Int64
    /// Callbacks that are still to be made.
    package var callbacks: Int64
    /// When the newest email was accepted; `nil` where there is none.
    package var newestEmail: Timestamp?
}

extension Store {
    /// Counts what would be sent.
    ///
    /// Reads all that waits: for databases that no server uses.
    ///
    /// - Throws: ``StorageError``
    package func waitingWork() async throws -> WaitingWork {
        try await read { tx in
            let emails = try tx.sql.first(
                """
                SELECT COUNT(*), COUNT(CASE WHEN attempts > 0 THEN 1 END), COUNT(CASE WHEN status = ?1 THEN 1 END)
                FROM emails WHERE due_at IS NOT NULL
                """, [.text(EmailStatus.scheduled.rawValue)]
            ) { (all: $0.integer(0), attempted: $0.integer(1), scheduled: $0.integer(2)) }
            let callbacks = try tx.sql.first(
                "SELECT COUNT(*) FROM callback_deliveries WHERE status <> 'delivered' AND status = 'pending'", []
            ) { $0.integer(0) }
            return WaitingWork(
                emails: emails?.all ?? 0, attempted: emails?.attempted ?? 0, scheduled: emails?.scheduled ?? 0, callbacks: callbacks ?? 0,
                newestEmail: try tx.emails.newestTime())
        }
    }

    /// Returns the migrations of this database that this program does not know, because a later version has applied them.
    ///
    /// - Throws: ``StorageError``, also where the database has no schema of ours.
    package func unknownMigrations() async throws -> [String] {
        let known = Set(Migrations.all.map(\.name))
        let applied = try await read { tx in try tx.sql.query("SELECT name FROM migrations ORDER BY name", []) { $0.text(0) } }
        return applied.filter { !known.contains($0) }
    }
}
