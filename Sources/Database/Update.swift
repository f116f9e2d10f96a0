/// A table, the column by which its rows are found, and the columns that are set anew in them.
package struct Update: Sendable, Hashable {
    package let table: String
    package let key: String
    package let columns: [String]
    /// The statement for one row, whose parameters are the key and then the columns in their order.
    package let statement: String

    package init(of table: String, by key: String, _ columns: [String]) {
        self.table = table
        self.key = key
        self.columns = columns
        statement = Self.statement(table, key, columns, rows: 1)
    }

    /// The statement for many rows that get the same values; its parameters are the keys and then the columns in their order.
    package func statement(rows: Int) -> String {
        rows == 1 ? statement : Self.statement(table, key, columns, rows: rows)
    }

    private static func statement(_ table: String, _ key: String, _ columns: [String], rows: Int) -> String {
        let assignments = columns.enumerated().map { "\($0.element) = ?\(rows + 1 + $0.offset)" }
        return "UPDATE \(table) SET \(assignments.joined(separator: ", ")) WHERE \(key) IN (\([DatabaseValue].places(rows)))"
    }

    package static func == (left: Update, right: Update) -> Bool {
        left.statement == right.statement
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(statement)
    }
}
