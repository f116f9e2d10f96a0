import Database
import MailModel

/// The result of a copy of a database.
package struct CopyReport: Sendable {
    /// A table that was copied.
    package struct Table: Sendable {
        /// The name of the table.
        package var name: String
        /// The rows, which are the same on both sides by number and checksum.
        package var rows: Int64
    }

    /// A step of a copy, reported while it runs, on any thread.
    package enum Step: Sendable {
        /// The copy began.
        ///
        /// - Parameters:
        ///   - total: the rows of the source.
        ///   - copied: the rows that an earlier, interrupted run has copied.
        case began(total: Int64, copied: Int64)
        /// Rows were copied.
        case copied(rows: Int)
        /// A table is being verified.
        case verifies(table: String)
    }

    /// The tables that were copied.
    package var tables: [Table]
    /// The number of rows of all tables.
    package var rows: Int64 { tables.reduce(0) { $0 + $1.rows } }
    /// Whether the copy resumed an earlier one that was interrupted.
    package var resumed: Bool
}

/// Why a database could not be copied.
package enum CopyError: Error, Equatable, CustomStringConvertible {
    /// The destination has data that is not of this copy.
    case notEmpty(table: String)
    /// The schemas differ: they are of different versions of the program.
    case differentSchemas(table: String)
    /// After the copy, a table's rows differ from the source's.
    case differs(table: String, source: Int64, destination: Int64)
    /// A column has a type that no table of this program has.
    case unknownType(table: String, column: String, type: String)
    /// A table has no primary key.
    case noKey(table: String)

    /// A sentence for the operator.
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
    /// Copies this store into another one, which is empty, and verifies the copy.
    ///
    /// Nothing may write to either of them meanwhile.
    ///
    /// An interrupted copy is resumed when it is run again. Until it is complete, ``isUnfinishedCopy()`` is true for the destination.
    ///
    /// - Throws: ``CopyError``, ``StorageError``.
    package func copy(to destination: Store, progress: @escaping @Sendable (CopyReport.Step) -> Void) async throws -> CopyReport {
        // Also for the months of the copied rows, which would otherwise all be in the default partition.
        let oldest = try await read { try $0.emails.oldest() }
        try await destination.makePartitions(from: oldest?.time.day.month)
        do {
            return try await DatabaseCopy(source: database, destination: destination.database, progress: progress).run()
        } catch {
            throw StorageError.mapping(error)
        }
    }

    /// Whether a copy into this database was begun and is not complete: a server must not use it.
    package func isUnfinishedCopy() async throws -> Bool {
        try await read { tx in
            try tx.sql.first("SELECT 1 FROM copied_tables LIMIT 1") { _ in true } ?? false
        }
    }
}
