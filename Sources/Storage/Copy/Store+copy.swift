import Database
import MailModel

/// What a copy of a database came to.
package struct CopyReport: Sendable {
    package struct Table: Sendable {
        package var name: String
        /// As many as counted on both sides, with the same checksum.
        package var rows: Int64
    }

    /// What a copy tells while it runs, from whatever thread.
    package enum Step: Sendable {
        /// - Parameters:
        ///   - total: rows of the source.
        ///   - copied: those that an earlier, interrupted run has copied.
        case began(total: Int64, copied: Int64)
        case copied(rows: Int)
        case verifies(table: String)
    }

    package var tables: [Table]
    package var rows: Int64 { tables.reduce(0) { $0 + $1.rows } }
    /// An earlier run was interrupted, and this one went on where it was.
    package var resumed: Bool
}

extension Store {
    /// Copies all that this store holds into another, which is empty, and checks that it arrived. Nothing may write to either meanwhile.
    ///
    /// An interrupted copy goes on where it was when it is run again. Until it has come to its end, ``isUnfinishedCopy()`` is true there.
    ///
    /// - Throws: ``CopyError``, ``StorageError``.
    package func copy(to destination: Store, progress: @escaping @Sendable (CopyReport.Step) -> Void) async throws -> CopyReport {
        // Also for the months of what is copied, which must not all lie in one part.
        let oldest = try await read { try $0.oldestEmail() }
        try await destination.makePartitions(from: oldest?.time.day.month)
        do {
            return try await DatabaseCopy(source: database, destination: destination.database, progress: progress).run()
        } catch {
            throw StorageError.mapping(error)
        }
    }

    /// Whether a copy into this database was begun and has not ended: a server must not use it.
    package func isUnfinishedCopy() async throws -> Bool {
        try await read { context in
            try context.transaction.first("SELECT 1 FROM copied_tables LIMIT 1") { _ in true } ?? false
        }
    }
}
