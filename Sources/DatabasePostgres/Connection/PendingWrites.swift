import Database

/// The rows that a transaction has added or set and not written yet, in the order in which their tables were first used.
///
/// A row by itself costs a round trip to the server, and the overhead of a statement there. With the nine indexes of emails that is 85 µs;
/// pipelined it is 55 µs, and 32 µs where 32 rows share a statement.
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

    /// The updates, grouped by rows that get the same values: they share a statement.
    var settings: [(update: Update, values: [DatabaseValue], keys: [DatabaseValue])] {
        updates.flatMap { update in
            let rows = set[update] ?? [:]
            return Dictionary(grouping: rows.keys) { rows[$0] ?? [] }.map { (update, $0.key, $0.value) }
        }
    }
}
