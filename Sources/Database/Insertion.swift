/// A table and the columns of the rows that are added to it.
package struct Insertion: Sendable, Hashable {
    package let table: String
    package let columns: [String]
    /// A row whose key is there already is left out. Otherwise it breaks the constraint.
    package let isForNewKeys: Bool
    /// The statement for one row, whose parameters are the columns in their order.
    package let statement: String

    package init(into table: String, _ columns: [String], ifKeyIsNew isForNewKeys: Bool = false) {
        self.table = table
        self.columns = columns
        self.isForNewKeys = isForNewKeys
        statement = Self.statement(table, columns, isForNewKeys, rows: 1)
    }

    /// The statement for many rows, whose parameters are the columns row by row.
    package func statement(rows: Int) -> String {
        rows == 1 ? statement : Self.statement(table, columns, isForNewKeys, rows: rows)
    }

    private static func statement(_ table: String, _ columns: [String], _ isForNewKeys: Bool, rows: Int) -> String {
        let width = columns.count
        let values = (0..<rows).map { row in "(" + (1...width).map { "?\(row * width + $0)" }.joined(separator: ", ") + ")" }
        let onConflict = isForNewKeys ? " ON CONFLICT DO NOTHING" : ""
        return "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(values.joined(separator: ", "))\(onConflict)"
    }

    package static func == (left: Insertion, right: Insertion) -> Bool {
        left.statement == right.statement
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(statement)
    }
}
