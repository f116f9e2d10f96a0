/// A table and the columns of the rows that are added to it.
public struct Insertion: Sendable, Hashable {
    public let table: String
    public let columns: [String]
    /// The statement for one row, whose parameters are the columns in their order.
    public let statement: String

    public init(into table: String, _ columns: [String]) {
        self.table = table
        self.columns = columns
        let parameters = (1...columns.count).map { "?\($0)" }.joined(separator: ", ")
        statement = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(parameters))"
    }

    public static func == (left: Insertion, right: Insertion) -> Bool {
        left.statement == right.statement
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(statement)
    }
}
