/// The partitioning of tables by ranges of a column, as parts of SQL to be put into statements.
package struct Partitioning: Sendable, Equatable {
    /// Follows the definition of a table, before the column.
    package var clause: String
    /// The suffix of the name of the default partition, which has the rows of no range.
    package var restSuffix: String

    /// Creates a value.
    package init(clause: String, restSuffix: String) {
        self.clause = clause
        self.restSuffix = restSuffix
    }
}

extension Dialect {
    /// Returns what follows the definition of a table that is partitioned by a column.
    package func partitioned(by column: String) -> String {
        partitioning.map { "\($0.clause) (\(column))" } ?? ""
    }

    /// Returns the columns of a primary key: where tables are partitioned, the column of the ranges has to be one of them.
    package func key(_ columns: String, partitionedBy column: String) -> String {
        partitioning == nil ? columns : "\(columns), \(column)"
    }

    /// Returns the statements that create the default partition, without which rows of no range would be refused.
    package func makeRest(of table: String) -> [String] {
        partitioning == nil ? [] : ["CREATE TABLE \(rest(of: table)) PARTITION OF \(table) DEFAULT"]
    }

    /// Returns the table of the rows that are deleted one by one when they are old: the table itself, or its default partition.
    package func rest(of table: String) -> String {
        table + (partitioning?.restSuffix ?? "")
    }
}

/// A partition of a table, and its range of a column of bytes.
package struct Partition: Sendable, Hashable {
    /// The table that is partitioned.
    package var table: String
    /// The column of the ranges.
    package var column: String
    /// The name of the partition, which is a table of its own.
    package var name: String
    /// The first bytes of the range.
    package var from: [UInt8]
    /// The first bytes behind the range.
    package var until: [UInt8]

    /// A partition.
    package init(of table: String, by column: String, name: String, from: [UInt8], until: [UInt8]) {
        self.table = table
        self.column = column
        self.name = name
        self.from = from
        self.until = until
    }
}

/// An engine that partitions tables, and creates and drops partitions while others read and write.
///
/// Both changes wait only shortly for a lock, since all later transactions wait behind them. Where that was not enough they throw
/// ``DatabaseError/Code/busy``, and may be tried again at any time.
package protocol PartitionedDatabase: DatabaseEngine {
    /// Returns the names of a table's partitions, in their order, without the default one.
    func partitions(of table: String) async throws -> [String]

    /// Creates a partition, unless there is one of its name.
    ///
    /// - Returns: false where the default partition has rows of its range. They stay there, and so do later ones.
    func make(_ partition: Partition) async throws -> Bool

    /// Drops a partition with all its rows.
    func drop(_ partition: Partition) async throws
}
