import Database

/// The shape of a table for the copy: its columns, and the key in whose order it is read.
struct TableShape: Equatable, Sendable {
    enum Kind: Sendable {
        case integer, real, text, blob

        /// - Parameter type: the type as the engine's catalogue names it.
        init?(_ type: String, in dialect: Dialect) {
            switch type.uppercased() {
            case dialect.integer: self = .integer
            case dialect.real: self = .real
            case "TEXT": self = .text
            case dialect.blob: self = .blob
            default: return nil
            }
        }
    }

    struct Column: Equatable, Sendable {
        var name: String
        var kind: Kind
    }

    var name: String
    var columns: [Column] = []
    /// The columns of the primary key, in its order, by their indexes in ``columns``.
    var key: [Int] = []

    /// Whether a table is copied: not those of the database's own history.
    static func isCopied(_ table: String) -> Bool {
        table != "migrations" && table != CopyProgress.table
    }

    var insertion: Insertion { Insertion(into: name, columns.map(\.name)) }

    /// Returns the tables that are copied, in the order of their creation: a table follows those that it refers to.
    static func all(in transaction: any DatabaseTransaction) throws -> [TableShape] {
        let columns = try transaction.query(transaction.dialect.catalogue, []) { row in
            (table: row.text(0), column: row.text(1), type: row.text(2), keyPosition: Int(row.integer(3)))
        }
        var tables: [TableShape] = []
        var keys: [[(position: Int, column: Int)]] = []
        for column in columns where isCopied(column.table) {
            if tables.last?.name != column.table {
                tables.append(TableShape(name: column.table))
                keys.append([])
            }
            let last = tables.count - 1
            guard let kind = Kind(column.type, in: transaction.dialect) else {
                throw CopyError.unknownType(table: column.table, column: column.column, type: column.type)
            }
            if column.keyPosition > 0 { keys[last].append((column.keyPosition, tables[last].columns.count)) }
            tables[last].columns.append(Column(name: column.column, kind: kind))
        }
        for (index, key) in keys.enumerated() {
            guard !key.isEmpty else { throw CopyError.noKey(table: tables[index].name) }
            tables[index].key = key.sorted { $0.position < $1.position }.map(\.column)
        }
        return tables
    }

    /// Whether a row of this table is a row of the other, whatever the order of the columns.
    ///
    /// Where the other is partitioned, its key may end in the column of the ranges.
    func matches(_ other: TableShape) -> Bool {
        name == other.name && key.map { columns[$0] } == other.key.prefix(key.count).map { other.columns[$0] }
            && columns.sorted { $0.name < $1.name } == other.columns.sorted { $0.name < $1.name }
    }

    /// Returns the query of a page.
    ///
    /// - Parameter isFirst: whether it begins at the start of the table; otherwise after a key, whose values are the first parameters. The limit is
    ///   the last one.
    func select(isFirst: Bool) -> String {
        let order = key.map { columns[$0].name }.joined(separator: ", ")
        let places = (1...key.count).map { "?\($0)" }.joined(separator: ", ")
        let condition = isFirst ? "" : "WHERE (\(order)) > (\(places))"
        let limit = isFirst ? 1 : key.count + 1
        return "SELECT \(columns.map(\.name).joined(separator: ", ")) FROM \(name) \(condition) ORDER BY \(order) LIMIT ?\(limit)"
    }

    func read(_ row: any DatabaseRow) -> [DatabaseValue] {
        columns.indices.map { index in
            if row.isNull(index) { return .null }
            switch columns[index].kind {
            case .integer: return .integer(row.integer(index))
            case .real: return .real(row.real(index))
            case .text: return .text(row.text(index).everywhereStorable)
            case .blob: return .blob(row.blob(index))
            }
        }
    }

    func key(of row: [DatabaseValue]) -> [DatabaseValue] {
        key.map { row[$0] }
    }
}
