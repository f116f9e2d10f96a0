/// How an engine keeps a table in parts by ranges of a column, as words to put into a statement.
package struct Partitioning: Sendable, Equatable {
    /// Behind a table, before the column.
    package var clause: String
    /// Behind a table's name: the part for the rows of no range.
    package var restSuffix: String

    package init(clause: String, restSuffix: String) {
        self.clause = clause
        self.restSuffix = restSuffix
    }
}

extension Dialect {
    /// Behind a table that is to be kept in parts by a column.
    package func partitioned(by column: String) -> String {
        partitioning.map { "\($0.clause) (\(column))" } ?? ""
    }

    /// The columns of a primary key: where there are parts, the column they are made by has to be one of them.
    package func key(_ columns: String, partitionedBy column: String) -> String {
        partitioning == nil ? columns : "\(columns), \(column)"
    }

    /// The statements that make the part for the rows of no range, without which such a row would be refused.
    package func makeRest(of table: String) -> [String] {
        partitioning == nil ? [] : ["CREATE TABLE \(rest(of: table)) PARTITION OF \(table) DEFAULT"]
    }

    /// Where the rows of a table lie that go one by one when they are old: all of them, or those of no range.
    package func rest(of table: String) -> String {
        table + (partitioning?.restSuffix ?? "")
    }
}

/// A part of a table, and the bytes of a column of blobs that it takes.
package struct Partition: Sendable, Hashable {
    package var table: String
    package var column: String
    /// Of the part; a table of its own.
    package var name: String
    package var from: [UInt8]
    /// The first bytes that it does not take.
    package var until: [UInt8]

    package init(of table: String, by column: String, name: String, from: [UInt8], until: [UInt8]) {
        self.table = table
        self.column = column
        self.name = name
        self.from = from
        self.until = until
    }
}

/// The ability of an engine to keep tables in parts, which come and go while others read and write.
///
/// Both changes wait a moment at the most for those who are at work, who would else wait behind them. When it was not enough they throw
/// ``DatabaseError/Code/busy``, and may be tried again at any time.
package protocol PartitionedDatabase: DatabaseEngine {
    /// The names of a table's parts, in their order, without the one for the rows of no range.
    func partitions(of table: String) async throws -> [String]

    /// Makes a part, unless there is one of its name.
    ///
    /// - Returns: false where rows of its range lie in the part for rows of no range. They stay there, and so will those that come.
    func make(_ partition: Partition) async throws -> Bool

    /// Takes a part off its table, with all its rows.
    func drop(_ partition: Partition) async throws
}
