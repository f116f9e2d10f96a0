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

/// Why a database could not be copied.
package enum CopyError: Error, Equatable, CustomStringConvertible {
    /// The destination has data that is not of this copy.
    case notEmpty(table: String)
    /// The two have different schemas: different versions of the program made them.
    case differentSchemas(table: String)
    /// After the copy, a table's rows are not the source's.
    case differs(table: String, source: Int64, destination: Int64)
    case unknownType(table: String, column: String, type: String)
    case noKey(table: String)

    package var description: String {
        switch self {
        case .notEmpty(let table):
            "the destination is not empty: its table \(table) has rows. A copy needs a database that nothing has used"
        case .differentSchemas(let table):
            "the schemas differ in table \(table): both databases need the same version of Martlet"
        case .differs(let table, let source, let destination):
            """
            table \(table) is not the same after the copy: \(source) rows here, \(destination) there. Was the source written to \
            meanwhile? Drop the destination, create it again and begin anew
            """
        case .unknownType(let table, let column, let type):
            "column \(column) of table \(table) has the type \(type), which no table of ours has"
        case .noKey(let table): "table \(table) has no primary key"
        }
    }
}

extension Store {
    /// Copies all that this store holds into another, which is empty, and checks that it arrived. Nothing may write to either meanwhile.
    ///
    /// An interrupted copy goes on where it was when it is run again. Until it has come to its end, ``isUnfinishedCopy()`` is true there.
    ///
    /// - Throws: ``CopyError``, ``StorageError``.
    package func copy(to destination: Store, progress: @escaping @Sendable (CopyReport.Step) -> Void) async throws -> CopyReport {
        // Also for the months of what is copied, which must not all lie in one part.
        let oldest = try await read { try $0.emails.oldest() }
        try await destination.makePartitions(from: oldest?.time.day.month)
        do {
            return try await DatabaseCopy(source: database, destination: destination.database, progress: progress).run()
        } catch {
            throw StorageError.mapping(error)
        }
    }

    /// Whether a copy into this database was begun and has not ended: a server must not use it.
    package func isUnfinishedCopy() async throws -> Bool {
        try await read { tx in
            try tx.sql.first("SELECT 1 FROM copied_tables LIMIT 1") { _ in true } ?? false
        }
    }
}
