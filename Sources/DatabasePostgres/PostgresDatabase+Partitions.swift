package import Database
import Encoding

/// A partition is created or dropped under an exclusive lock of the table. The change waits for earlier transactions, and later ones wait
/// behind it: so it gives up soon, and is tried again.
extension PostgresDatabase: PartitionedDatabase {
    private static let lockTimeout = "SET LOCAL lock_timeout = '100ms'"

    /// Returns the names of a table's partitions, in their order, without the default one.
    package func partitions(of table: String) async throws -> [String] {
        try await read { try Self.partitions(of: table, in: $0) }
    }

    private static func partitions(of table: String, in transaction: any DatabaseTransaction) throws -> [String] {
        try transaction.query(
            """
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = to_regclass(?1) AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT' ORDER BY c.relname
            """, [.text(table)]
        ) { $0.text(0) }
    }

    /// Creates a partition, unless there is one of its name.
    ///
    /// PostgreSQL checks that the default partition has no row of the range. It would scan it under the exclusive lock; a constraint that
    /// excludes the range is validated without it, and makes the scan unnecessary.
    package func make(_ partition: Partition) async throws -> Bool {
        if try await partitions(of: partition.table).contains(partition.name) { return true }
        let rest = dialect.rest(of: partition.table)
        let range = partition.range
        let isElsewhere = try await read { transaction in
            try transaction.first("SELECT 1 FROM \(rest) WHERE \(range) LIMIT 1") { _ in true } ?? false
        }
        guard !isElsewhere else { return false }
        let constraint = "\(partition.name)_elsewhere"
        let forget = "ALTER TABLE \(rest) DROP CONSTRAINT IF EXISTS \(constraint)"
        try await change { transaction in
            try transaction.execute(forget)
            try transaction.execute(
                "ALTER TABLE \(rest) ADD CONSTRAINT \(constraint) CHECK (NOT (\(partition.column) IS NOT NULL AND \(range))) NOT VALID")
        }
        try await change { transaction in
            // Another node that creates the same partition may have finished, and removed the constraint.
            let isThere = try transaction.first("SELECT 1 FROM pg_constraint WHERE conname = ?1", [.text(constraint)]) { _ in true }
            if isThere == true { try transaction.execute("ALTER TABLE \(rest) VALIDATE CONSTRAINT \(constraint)") }
        }
        try await change { transaction in
            // Another node may have been faster.
            if try !Self.partitions(of: partition.table, in: transaction).contains(partition.name) {
                try Self.attach(partition, in: transaction)
            }
            try transaction.execute(forget)
        }
        return true
    }

    private static func attach(_ partition: Partition, in transaction: any DatabaseTransaction) throws {
        try transaction.execute("CREATE TABLE \(partition.name) (LIKE \(partition.table) INCLUDING ALL)")
        try transaction.execute(
            "ALTER TABLE \(partition.table) ATTACH PARTITION \(partition.name) "
                + "FOR VALUES FROM (\(partition.from.literal)) TO (\(partition.until.literal))")
    }

    /// Drops a partition with all its rows.
    package func drop(_ partition: Partition) async throws {
        try await change { transaction in
            guard try Self.partitions(of: partition.table, in: transaction).contains(partition.name) else { return }
            try transaction.execute("DROP TABLE \(partition.name)")
        }
    }

    /// Changes the schema, one node at a time.
    private func change(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Void) async throws {
        try await write { transaction in
            try transaction.execute(Self.lockTimeout)
            _ = try transaction.query(transaction.dialect.schemaLock, []) { _ in }
            try body(transaction)
        }
    }
}

extension Partition {
    /// The condition of its rows.
    ///
    /// Statements that change the schema take no parameters.
    fileprivate var range: String { "\(column) >= \(from.literal) AND \(column) < \(until.literal)" }
}

extension [UInt8] {
    fileprivate var literal: String {
        "'\\x\(Hexadecimal.encode(self))'::bytea"
    }
}
