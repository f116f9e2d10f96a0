import Database
import MailModel

/// The ids that a key leads to, newest first, merged from the segments that have it.
///
/// Segments are read as far as they are needed, the newest first; the ranges of their ids may overlap.
struct SegmentStream {
    /// The ids of a key in a segment.
    private struct Source {
        let segment: Int64
        let number: Int64
        /// The lowest id that is read.
        let lowest: EmailID
        /// The ids below this are still to be read, as the bytes of a key.
        var end: [UInt8]
        /// No id is still to be read that is higher than this; `nil` where all are read.
        var highest: EmailID?
    }

    /// How many sources one statement reads: the first alone, as most pages end in it.
    private static let sourcesPerStatement = 8
    /// How many ids of a source are read at once.
    private static let mostIDs = 1024

    private var sources: [Source] = []
    private let kind: SearchKey.Kind
    /// The ids that were read and not returned yet, newest first.
    private var ids: [EmailID]
    private var idsPerSource = 0

    /// - Parameters:
    ///   - ids: ids that do not come from a segment.
    ///   - range: the ids that are read, below the bytes of a key.
    init(
        of key: SearchKey, in segments: [SearchSegment], with ids: [EmailID], from lowest: EmailID, below end: [UInt8],
        _ sql: any DatabaseTransaction
    ) throws {
        kind = key.kind
        self.ids = ids.sorted(by: >)
        for segment in segments where segment.last >= lowest && segment.first.bytes.lexicographicallyPrecedes(end) {
            for number in try Self.numbers(of: key, in: segment, sql) {
                let last = segment.last.bytes + [0]
                sources.append(
                    Source(
                        segment: segment.number, number: number, lowest: max(lowest, segment.first),
                        end: last.lexicographicallyPrecedes(end) ? last : end, highest: segment.last))
            }
        }
    }

    /// - Parameter ids: all that there are.
    init(_ ids: [EmailID]) {
        kind = .account
        self.ids = ids.sorted(by: >)
    }

    /// Returns the numbers that a segment has of a key of all accounts.
    private static func numbers(of key: SearchKey, in segment: SearchSegment, _ sql: any DatabaseTransaction) throws -> [Int64] {
        guard key.numbers.count > 1 else { return [key.numbers.lowerBound] }
        var found: [Int64] = []
        var next = key.numbers.lowerBound
        while let number = try sql.first(
            """
            SELECT key FROM email_search
            WHERE segment = ?1 AND kind = ?2 AND key >= ?3 AND key <= ?4 AND email_id >= ?5 AND email_id <= ?6 ORDER BY key LIMIT 1
            """,
            [
                .integer(segment.number), .integer(key.kind.rawValue), .integer(next), .integer(key.numbers.upperBound),
                .id(segment.first), .id(segment.last),
            ], { $0.integer(0) })
        {
            found.append(number)
            guard number < key.numbers.upperBound else { break }
            next = number + 1
        }
        return found
    }
}

extension SegmentStream {
    /// Returns the next ids; none at the end.
    mutating func next(_ count: Int, _ sql: any DatabaseTransaction) throws -> [EmailID] {
        while true {
            let unread = sources.compactMap(\.highest).max()
            let known = unread.map { unread in ids.prefix { $0 > unread }.count } ?? ids.count
            if unread == nil || known >= count {
                defer { ids.removeFirst(min(count, known)) }
                return Array(ids.prefix(min(count, known)))
            }
            try read(atLeast: count, sql)
        }
    }

    /// Returns ids that were returned last, so that they are returned again.
    mutating func putBack(_ returned: some Collection<EmailID>) {
        ids.insert(contentsOf: returned, at: 0)
    }

    /// Leaves out all ids below one.
    mutating func end(at lowest: EmailID) {
        ids.removeAll { $0 < lowest }
        sources = sources.compactMap { source in
            guard let highest = source.highest, highest >= lowest else { return nil }
            return Source(
                segment: source.segment, number: source.number, lowest: max(lowest, source.lowest), end: source.end, highest: highest)
        }
    }

    /// Reads the sources with the highest ids.
    private mutating func read(atLeast count: Int, _ sql: any DatabaseTransaction) throws {
        let isFirst = idsPerSource == 0
        // The lowest id that was read is not known to have none above it that is not.
        idsPerSource = min(Self.mostIDs, max(count + 1, idsPerSource * 2))
        let open = sources.indices.filter { sources[$0].highest != nil }
            .sorted { sources[$0].highest ?? .zero > sources[$1].highest ?? .zero }
        let chosen = Array(open.prefix(isFirst ? 1 : Self.sourcesPerStatement))
        var found: [Int: [EmailID]] = [:]
        for (place, id) in try sql.query(Self.statement(chosen.count), arguments(of: chosen), { (Int($0.integer(0)), try $0.emailID(1)) }) {
            found[chosen[place], default: []].append(id)
        }
        for index in chosen {
            let lowest = found[index]?.min()
            let hasMore = found[index]?.count == idsPerSource
            sources[index].highest = hasMore ? lowest : nil
            if let lowest { sources[index].end = lowest.bytes }
        }
        // An email may be in two segments.
        ids = Set(found.values.joined()).union(ids).sorted(by: >)
    }

    private func arguments(of chosen: [Int]) -> [DatabaseValue] {
        [.integer(kind.rawValue), .integer(idsPerSource)]
            + chosen.flatMap { index -> [DatabaseValue] in
                let source = sources[index]
                return [.integer(source.segment), .integer(source.number), .blob(source.end), .id(source.lowest)]
            }
    }

    private static let statements = (1...sourcesPerStatement).map { count in
        (0..<count).map { place in
            let first = place * 4 + 3
            return """
                SELECT \(place), w.email_id FROM (SELECT email_id FROM email_search WHERE segment = ?\(first) AND kind = ?1 \
                AND key = ?\(first + 1) AND email_id < ?\(first + 2) AND email_id >= ?\(first + 3) ORDER BY email_id DESC LIMIT ?2) AS w
                """
        }.joined(separator: " UNION ALL ")
    }

    private static func statement(_ sources: Int) -> String { statements[sources - 1] }
}
