import Database
import MailModel

extension SearchSegments where Tx == Transaction {
    /// Begins to merge segments of one month into a new one, which is read in their place once it has all of their rows.
    func begin(_ sources: [SearchSegment]) throws {
        // One may have been retired meanwhile.
        let free = try tx.sql.query(
            over: sources.map { .integer($0.number) },
            {
                """
                SELECT id FROM search_segments WHERE id IN (\($0)) AND state = 'live' AND target IS NULL \
                ORDER BY id\(tx.sql.dialect.forUpdate)
                """
            }
        ) { $0.integer(0) }
        let merged = sources.filter { free.contains($0.number) }
        guard let first = merged.map(\.first).min(), let last = merged.map(\.last).max(), let level = merged.map(\.level).max() else {
            return
        }
        let target = try insert(level: min(SearchSegment.highestLevel, level + 1), .building, first: first, last: last)
        for source in merged {
            try tx.sql.execute(
                "UPDATE search_segments SET target = ?2 WHERE id = ?1", [.integer(source.number), .integer(target)])
        }
    }

    /// Copies some rows of the segments that are being merged, in their order; with the last ones the new segment takes their place.
    func merge(into target: SearchSegment, _ sizes: SegmentSizes) throws {
        let sources = try list().filter { $0.target == target.number }
        var merge = SegmentMerge(sources, into: target, rowsAhead: max(1, sizes.rowsPerStep / max(1, sources.count)))
        var moved = 0
        while moved < sizes.rowsPerStep, !merge.isComplete { moved += try merge.advance(tx.sql) }
        guard merge.isComplete else { return try save(merge.position, of: target) }
        try tx.sql.execute(
            "UPDATE search_segments SET state = 'live', done_kind = NULL, done_key = NULL, done_id = NULL WHERE id = ?1",
            [.integer(target.number)])
        try tx.sql.execute(
            "UPDATE search_segments SET state = 'dead', target = NULL WHERE target = ?1", [.integer(target.number)])
    }

    private func save(_ position: SegmentPosition, of segment: SearchSegment) throws {
        try tx.sql.execute(
            "UPDATE search_segments SET done_kind = ?2, done_key = ?3, done_id = ?4 WHERE id = ?1",
            [.integer(segment.number)] + position.values)
    }

    /// Deletes some rows of a segment that is not read any more; with the last ones the segment itself.
    func delete(_ segment: SearchSegment, _ sizes: SegmentSizes) throws {
        if let end = try SegmentMerge.row(sizes.rowsPerStep, of: segment, after: .start, tx.sql) {
            try tx.sql.execute(
                """
                DELETE FROM email_search
                WHERE segment = ?1 AND (kind, key, email_id) <= (?4, ?5, ?6) AND email_id >= ?2 AND email_id <= ?3
                """, segment.values + end.values)
        } else {
            try tx.sql.execute("DELETE FROM email_search WHERE segment = ?1 AND email_id >= ?2 AND email_id <= ?3", segment.values)
            try tx.sql.execute("DELETE FROM search_segments WHERE id = ?1", [.integer(segment.number)])
        }
    }

    /// Retires segments whose emails were all deleted: they are not read any more.
    ///
    /// - Parameters:
    ///   - time: only those that are older.
    ///   - limit: at most this many.
    /// - Returns: how many.
    func retire(before time: Timestamp, limit: Int) throws -> Int {
        let end = EmailID.lowest(at: time)
        var count = 0
        for segment in try list() where segment.isFree && segment.last < end && count < limit {
            let isUsed = try tx.sql.first(
                "SELECT 1 FROM emails WHERE id >= ?1 AND id <= ?2 LIMIT 1", [.id(segment.first), .id(segment.last)]
            ) { _ in true }
            guard isUsed == nil else { continue }
            count += try tx.sql.execute(
                "UPDATE search_segments SET state = 'dead' WHERE id = ?1 AND state = 'live' AND target IS NULL",
                [.integer(segment.number)])
        }
        return count
    }
}

/// The copying of the rows of some segments into a new one, in the order of the rows.
struct SegmentMerge {
    private let sources: [SearchSegment]
    private let target: SearchSegment
    private let rowsAhead: Int
    /// All rows up to here are copied.
    private(set) var position: SegmentPosition
    var isComplete: Bool { position == .end }
    /// A row of each source, ``rowsAhead`` rows or fewer behind the position; the end for a source with fewer rows left.
    private var ahead: [Int64: SegmentPosition] = [:]

    /// - Parameter rowsAhead: how many rows of a source are copied at once, at the most.
    init(_ sources: [SearchSegment], into target: SearchSegment, rowsAhead: Int) {
        self.sources = sources
        self.target = target
        self.rowsAhead = rowsAhead
        position = target.position
    }

    /// Returns a segment's row behind a position, by its number from 1.
    static func row(
        _ number: Int, of segment: SearchSegment, after position: SegmentPosition, _ sql: any DatabaseTransaction
    ) throws -> SegmentPosition? {
        try sql.first(
            """
            SELECT kind, key, email_id FROM email_search
            WHERE segment = ?1 AND (kind, key, email_id) > (?4, ?5, ?6) AND email_id >= ?2 AND email_id <= ?3
            ORDER BY kind, key, email_id LIMIT 1 OFFSET ?7
            """, segment.values + position.values + [.integer(number - 1)]
        ) { SegmentPosition(kind: $0.integer(0), key: $0.integer(1), id: try $0.emailID(2)) }
    }

    /// Copies the rows up to the lowest of the rows ahead: all ``rowsAhead`` rows of one source, and at most as many of each other.
    ///
    /// - Returns: how many.
    mutating func advance(_ sql: any DatabaseTransaction) throws -> Int {
        for source in sources where ahead[source.number].map({ $0 <= position }) ?? true {
            ahead[source.number] = try Self.row(rowsAhead, of: source, after: position, sql) ?? .end
        }
        let end = ahead.values.min() ?? .end
        let copied = sources.isEmpty ? 0 : try copy(upTo: end, sql)
        position = end
        return copied
    }

    /// A late email may be in two segments.
    private func copy(upTo end: SegmentPosition, _ sql: any DatabaseTransaction) throws -> Int {
        let numbers = sources.indices.map { "?\($0 + 10)" }.joined(separator: ", ")
        return try sql.execute(
            """
            INSERT INTO email_search (segment, kind, key, email_id)
            SELECT ?1, kind, key, email_id FROM email_search
            WHERE segment IN (\(numbers)) AND (kind, key, email_id) > (?4, ?5, ?6) AND (kind, key, email_id) <= (?7, ?8, ?9)
                AND email_id >= ?2 AND email_id <= ?3
            ORDER BY kind, key, email_id ON CONFLICT DO NOTHING
            """, target.values + position.values + end.values + sources.map { .integer($0.number) })
    }
}

extension SearchSegment {
    /// Its number and the range of its ids, which says the partition where there are any.
    fileprivate var values: [DatabaseValue] { [.integer(number), .id(first), .id(last)] }
}
