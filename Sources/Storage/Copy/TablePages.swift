import Database

/// The pages of a table, in the order of its key.
struct TablePages {
    /// The size of a page in memory, about, unless a single row is larger.
    private static let bytesPerPage = 4 << 20
    private static let mostRows = 5000

    let table: TableShape
    /// The key of the last row that was read; `nil` at the beginning.
    private(set) var last: [DatabaseValue]?
    /// The rows of the next page, adapted to their size: contents of emails may have megabytes.
    private var limit = 64

    init(_ table: TableShape, after last: [DatabaseValue]? = nil) {
        self.table = table
        self.last = last
    }

    private struct PageIsFull: Error {}

    /// Returns the next rows; none at the end.
    mutating func next(in transaction: any DatabaseTransaction) throws -> [[DatabaseValue]] {
        var rows: [[DatabaseValue]] = []
        var bytes = 0
        do {
            _ = try transaction.query(table.select(isFirst: last == nil), (last ?? []) + [.integer(limit)]) { row in
                let values = table.read(row)
                bytes += values.reduce(0) { $0 + $1.size }
                rows.append(values)
                if bytes > Self.bytesPerPage { throw PageIsFull() }
            }
        } catch is PageIsFull {
            // The rows up to this one are the page.
        }
        guard let row = rows.last else { return [] }
        last = table.key(of: row)
        limit = min(Self.mostRows, limit * 4, max(1, Self.bytesPerPage / max(1, bytes / rows.count)))
        return rows
    }
}

extension DatabaseValue {
    /// The size in bytes, about.
    fileprivate var size: Int {
        switch self {
        case .null: 1
        case .integer, .real: 8
        case .text(let value): value.utf8.count
        case .blob(let value): value.count
        }
    }
}
