import Database

/// Rows that a transaction has added and not written yet, table by table in the order in which the tables came.
///
/// A row on its own costs a journey to the server and back, and there the start and end of a statement. With the nine indexes of emails that
/// is 85 µs; one behind the other without waiting for the answers it is 55, and 32 where 32 rows share a statement.
struct AddedRows {
    private var rows: [Insertion: [[DatabaseValue]]] = [:]
    private var order: [Insertion] = []

    mutating func add(_ row: [DatabaseValue], by insertion: Insertion) {
        if rows[insertion, default: []].isEmpty { order.append(insertion) }
        rows[insertion, default: []].append(row)
    }

    /// The rows, which from then on count as written.
    mutating func take() -> [(Insertion, [[DatabaseValue]])] {
        guard !order.isEmpty else { return [] }
        defer {
            rows.removeAll(keepingCapacity: true)
            order.removeAll(keepingCapacity: true)
        }
        return order.map { ($0, rows[$0] ?? []) }
    }
}
