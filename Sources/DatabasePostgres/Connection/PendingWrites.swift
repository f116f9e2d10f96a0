import Database

/// Rows that a transaction has added or set and not written yet, in the order in which their tables came.
///
/// A row on its own costs a journey to the server and back, and there the start and end of a statement. With the nine indexes of emails that
/// is 85 µs; one behind the other without waiting for the answers it is 55, and 32 where 32 rows share a statement.
struct PendingWrites {
    private var added: [Insertion: [[DatabaseValue]]] = [:]
    private var insertions: [Insertion] = []
    private var set: [Update: [DatabaseValue: [DatabaseValue]]] = [:]
    private var updates: [Update] = []

    var isEmpty: Bool { insertions.isEmpty && updates.isEmpty }

    mutating func add(_ row: [DatabaseValue], by insertion: Insertion) {
        if added[insertion, default: []].isEmpty { insertions.append(insertion) }
        added[insertion, default: []].append(row)
    }

    mutating func set(_ values: [DatabaseValue], of key: DatabaseValue, by update: Update) {
        if set[update, default: [:]].isEmpty { updates.append(update) }
        set[update, default: [:]][key] = values
    }

    var additions: [(insertion: Insertion, rows: [[DatabaseValue]])] {
        insertions.map { ($0, added[$0] ?? []) }
    }

    /// What was set, by the rows that get the same values: they share a statement.
    var settings: [(update: Update, values: [DatabaseValue], keys: [DatabaseValue])] {
        updates.flatMap { update in
            let rows = set[update] ?? [:]
            return Dictionary(grouping: rows.keys) { rows[$0] ?? [] }.map { (update, $0.key, $0.value) }
        }
    }
}
