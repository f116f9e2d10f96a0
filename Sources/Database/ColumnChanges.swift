/// Columns of one row that a statement sets anew, and their values. A column that was not asked for keeps its value: another node may change it at
/// the same moment.
package struct ColumnChanges {
    private var columns: [String] = []
    package private(set) var values: [DatabaseValue] = []

    package init() {}

    package var isEmpty: Bool { columns.isEmpty }

    /// Adds a column; none where there is no value.
    package mutating func set(_ column: String, _ value: DatabaseValue?) {
        guard let value else { return }
        columns.append(column)
        values.append(value)
    }

    /// What stands behind `SET`.
    ///
    /// - Parameter first: the number of the first value's parameter.
    package func assignments(from first: Int) -> String {
        columns.enumerated().map { "\($0.element) = ?\(first + $0.offset)" }.joined(separator: ", ")
    }
}
