/// How many keys or rows one statement names at the most. PostgreSQL takes 65,535 parameters, SQLite 32,766 unless it was built to take
/// more; and a statement that names thousands takes long to plan.
private let longestList = 1024

extension DatabaseTransaction {
    /// Runs a query over a list of values of any length, which is more than one statement takes: one query for each part of the list.
    ///
    /// - Parameters:
    ///   - values: the list. Rows are locked in its order, part by part: where others lock the same rows, it has to be sorted.
    ///   - sql: makes the statement; gets the places of the values, to stand in brackets. They are its first parameters, and the only ones.
    /// - Returns: the rows of all parts, one behind the other. `ORDER BY` holds within a part alone. None for an empty list.
    package func query<Value>(
        over values: [DatabaseValue], _ sql: (_ places: String) -> String, _ decode: (any DatabaseRow) throws -> Value
    ) throws -> [Value] {
        try values.parts(of: longestList).flatMap { part in
            try query(sql([DatabaseValue].places(part.count)), part, decode)
        }
    }

    /// Runs a query over a table of values with any number of rows: one query for each part of it.
    ///
    /// - Parameters:
    ///   - rows: of the same width each.
    ///   - sql: makes the statement; gets what stands behind `VALUES`. The last row may be repeated there.
    /// - Returns: as ``query(over:_:_:)``.
    package func query<Value>(
        overRows rows: [[DatabaseValue]], _ sql: (_ tuples: String) -> String, _ decode: (any DatabaseRow) throws -> Value
    ) throws -> [Value] {
        try rows.parts(of: longestList).flatMap { part in
            try query(sql(part.tuples), part.flatMap(\.self), decode)
        }
    }

    /// Runs a statement over a table of values with any number of rows: one statement for each part of it.
    ///
    /// - Returns: how many rows were changed.
    @discardableResult
    package func execute(overRows rows: [[DatabaseValue]], _ sql: (_ tuples: String) -> String) throws -> Int {
        try rows.parts(of: longestList).reduce(0) { count, part in
            try count + execute(sql(part.tuples), part.flatMap(\.self))
        }
    }
}

extension Array {
    /// The elements in parts of a bounded size, each filled up to a power of two with its last element: a few statements serve every number
    /// of them.
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
    /// The first places of a statement, to stand in brackets.
    static func places(_ count: Int) -> String {
        (1...count).map { "?\($0)" }.joined(separator: ", ")
    }
}

extension [[DatabaseValue]] {
    /// Places for the values of rows of the same width, as they stand behind `VALUES`.
    fileprivate var tuples: String {
        let width = first?.count ?? 0
        return indices.map { row in "(" + (1...width).map { "?\(row * width + $0)" }.joined(separator: ", ") + ")" }.joined(separator: ", ")
    }
}
