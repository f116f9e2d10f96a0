import Database
package import MailModel

/// A backup that `martlet backup` has made.
package struct BackupRecord: Sendable, Equatable {
    /// When it was whole.
    package var finishedAt: Timestamp
    /// Its size in bytes.
    package var bytes: Int64
}

extension ReadableTransaction {
    /// The record of the last backup.
    package var backups: Backups<Self> { Backups(tx: self) }
}

/// The record of the last backup, by which `martlet doctor` says how old it is.
package struct Backups<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Backups {
    /// Returns the last backup; `nil` where none was ever made.
    package func last() throws -> BackupRecord? {
        try tx.sql.first("SELECT finished_at, bytes FROM backups WHERE id = 1", []) {
            BackupRecord(finishedAt: $0.requiredTimestamp(0), bytes: $0.integer(1))
        }
    }
}

extension Backups where Tx == Transaction {
    /// Records that a backup is whole, in place of the one before.
    package func record(bytes: Int64) throws {
        try tx.sql.execute(
            """
            INSERT INTO backups (id, finished_at, bytes) VALUES (1, ?1, ?2)
            ON CONFLICT (id) DO UPDATE SET finished_at = excluded.finished_at, bytes = excluded.bytes
            """, [.timestamp(tx.now), .integer(bytes)])
    }
}
