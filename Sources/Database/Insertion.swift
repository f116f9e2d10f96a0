/// The table and columns of rows that are inserted; see ``DatabaseTransaction/add(_:by:)``.
package struct Insertion: Sendable, Hashable {
    /// The name of the table.
    package let table: String
    /// The names of the columns.
    package let columns: [String]
    /// Whether a row with an existing key is left out.
    ///
    /// Otherwise it breaks the constraint.
    package let isForNewKeys: Bool
    /// The statement for one row.
    ///
    /// Its parameters are the columns in their order.
    package let statement: String

    /// Creates an insertion.
    package init(into table: String, _ columns: [String], ifKeyIsNew isForNewKeys: Bool = false) {
        self.table = table
        self.columns = columns
        self.isForNewKeys = isForNewKeys
        statement = Self.statement(table, columns, isForNewKeys, rows: 1)
    }

    /// Returns the statement for a number of rows.
    ///
    /// Its parameters are the columns row by row.
    package func statement(rows: Int) -> String {
        rows == 1 ? statement : Self.statement(table, columns, isForNewKeys, rows: rows)
    }

    private static func statement(_ table: String, _ columns: [String], _ isForNewKeys: Bool, rows: Int) -> String {
        let width = columns.count
        let values = (0..<rows).map { row in "(" + (1...width).map { "?\(row * width + $0)" }.joined(separator: ", ") + ")" }
        let onConflict = isForNewKeys ? " ON CONFLICT DO NOTHING" : ""
        return "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(values.joined(separator: ", "))\(onConflict)"
    }

    /// Returns whether two insertions have the same statement.
    package static func == (left: Insertion, right: Insertion) -> Bool {
        left.statement == right.statement
    }

    /// Hashes the statement alone.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(statement)
    }
}
