/// The update of columns of rows by their key, prepared once (``DatabaseTransaction/set(_:of:by:)``).
package struct Update: Sendable, Hashable {
    /// The table.
    package let table: String
    /// The column by which rows are found.
    package let key: String
    /// The columns that are set, in the order of the values.
    package let columns: [String]
    /// The statement for one row, whose parameters are the key and then the columns in their order.
    package let statement: String

    /// Creates an update of the rows with given values in the column `key`.
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

    /// Whether the statements are the same.
    package static func == (left: Update, right: Update) -> Bool {
        left.statement == right.statement
    }

    /// Hashes the statement.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(statement)
    }
}

/// The columns of one row that a statement sets, with their values.
///
/// The others keep their values: another node may change them at the same time.
package struct ColumnChanges {
    private var columns: [String] = []
    /// The values, in the order in which they were set.
    package private(set) var values: [DatabaseValue] = []

    /// Creates an update of no column.
    package init() {}

    /// Whether no column is set.
    package var isEmpty: Bool { columns.isEmpty }

    /// Sets a column, unless the value is `nil`.
    package mutating func set(_ column: String, _ value: DatabaseValue?) {
        guard let value else { return }
        columns.append(column)
        values.append(value)
    }

    /// Returns the assignments of a `SET` clause.
    ///
    /// - Parameter first: the number of the first value's parameter.
    package func assignments(from first: Int) -> String {
        columns.enumerated().map { "\($0.element) = ?\(first + $0.offset)" }.joined(separator: ", ")
    }
}
