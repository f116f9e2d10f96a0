/// The most keys or rows of one statement.
///
/// PostgreSQL allows 65,535 parameters, SQLite 32,766 by default; and a statement with thousands of them takes long to plan.
private let longestList = 1024

extension DatabaseTransaction {
    /// Runs a query over a list of values of any length: one query for each part of the list that fits into a statement.
    ///
    /// - Parameters:
    ///   - values: the list. Rows are locked in its order, part by part: where others lock the same rows, it has to be sorted.
    ///   - sql: returns the statement; gets the placeholders of the values, without brackets. They are its first parameters, and the only ones.
    /// - Returns: the rows of all parts, in their order. `ORDER BY` holds within a part only. None for an empty list.
    package func query<Value>(
        over values: [DatabaseValue], _ sql: (_ places: String) -> String, _ decode: (any DatabaseRow) throws -> Value
    ) throws -> [Value] {
        try values.parts(of: longestList).flatMap { part in
            try query(sql([DatabaseValue].places(part.count)), part, decode)
        }
    }

    /// Runs a query over a table of values with any number of rows, by one query for each part of up to 1,024 rows.
    ///
    /// - Parameters:
    ///   - rows: of the same width each.
    ///   - sql: returns the statement; gets the tuples of a `VALUES` clause, of which the last one may be repeated.
    /// - Returns: as ``query(over:_:_:)``.
    package func query<Value>(
        overRows rows: [[DatabaseValue]], _ sql: (_ tuples: String) -> String, _ decode: (any DatabaseRow) throws -> Value
    ) throws -> [Value] {
        try rows.parts(of: longestList).flatMap { part in
            try query(sql(part.tuples), part.flatMap(\.self), decode)
        }
    }

    /// Runs a statement over a table of values with any number of rows, by one statement for each part of up to 1,024 rows.
    ///
    /// - Parameters:
    ///   - rows: the rows, of the same width.
    ///   - sql: returns the statement. It is passed the text behind `VALUES`, in which the last row may be repeated.
    /// - Returns: the number of rows that were changed.
    @discardableResult
    package func execute(overRows rows: [[DatabaseValue]], _ sql: (_ tuples: String) -> String) throws -> Int {
        try rows.parts(of: longestList).reduce(0) { count, part in
            try count + execute(sql(part.tuples), part.flatMap(\.self))
        }
    }
}

extension Array {
    /// Returns the elements in parts of a bounded size, each filled up to a power of two with its last element: a few prepared statements serve
    /// every number of them.
    package func parts(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0...].prefix(size)).padded }
    }

    private var padded: [Element] {
        guard let last else { return self }
        var count = 1
        while count < self.count { count *= 2 }
        return self + Array(repeating: last, count: count - self.count)
    }
}

extension [DatabaseValue] {
    /// Returns the placeholders of the first parameters of a statement, without brackets.
    static func places(_ count: Int) -> String {
        (1...count).map { "?\($0)" }.joined(separator: ", ")
    }
}

extension [[DatabaseValue]] {
    /// The placeholders of rows of the same width, as the tuples of a `VALUES` clause.
    fileprivate var tuples: String {
        let width = first?.count ?? 0
        return indices.map { row in "(" + (1...width).map { "?\(row * width + $0)" }.joined(separator: ", ") + ")" }.joined(separator: ", ")
    }
}
