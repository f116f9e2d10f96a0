import Database
import MailModel

extension ReadableTransaction {
    /// The segments by which emails are searched.
    package var segments: SearchSegments<Self> { SearchSegments(tx: self) }
}

/// The segments by which emails are searched (specification 12.5).
///
/// An email is written by its id alone. What it is searched by is written behind the commit, for a thousand emails at once and sorted: a
/// segment of `email_search`. A search reads the segments from the newest, and the emails behind the last segment by their ids.
///
/// The **watermark** is the id up to which emails are in segments. An email may be committed below it, because its id is older than its
/// commit: the transaction that inserts it notices that and adds its id to `email_late`, which every search reads.
package struct SearchSegments<Tx: ReadableTransaction> {
    let tx: Tx
}

/// The sizes by which segments are built and merged.
package struct SegmentSizes: Sendable {
    /// The number of emails of a new segment.
    package var emails = 1024
    /// The number of late emails from which on they become a segment.
    package var late = 256
    /// How many segments are merged into one.
    package var merged = 32
    /// The rows that a step of a merge or deletion moves, about.
    package var rowsPerStep = 4096

    /// The sizes of a server.
    package init() {}

    /// Sizes for tests.
    package init(emails: Int, late: Int, merged: Int, rowsPerStep: Int) {
        self.emails = emails
        self.late = late
        self.merged = merged
        self.rowsPerStep = rowsPerStep
    }
}

/// How far emails are in segments.
struct SearchWatermark: Equatable {
    /// Emails up to this id are in segments, or late.
    var built = EmailID.zero
    /// Whoever inserts an email up to this id adds it to the late ones; ``built`` follows.
    var bound = EmailID.zero
    /// The number of the transaction until which all have to have ended before the emails up to ``bound`` are read; `nil` where it is not
    /// determined yet.
    var barrier: Int64?
}

/// A place in the order of a segment's rows.
struct SegmentPosition: Equatable, Comparable {
    var kind: Int64
    var key: Int64
    var id: EmailID

    /// Before all rows.
    static let start = SegmentPosition(kind: 0, key: 0, id: .zero)

    /// Behind all rows.
    static let end = SegmentPosition(kind: .max, key: 0, id: .zero)

    var values: [DatabaseValue] { [.integer(kind), .integer(key), .id(id)] }

    static func < (left: Self, right: Self) -> Bool {
        (left.kind, left.key, left.id) < (right.kind, right.key, right.id)
    }
}

/// A segment: rows of `email_search` with its number, whose ids are all of one month.
struct SearchSegment: Equatable {
    enum State: String {
        /// Is being merged from others, and not read yet.
        case building
        case live
        /// Is not read any more, and is being deleted.
        case dead
    }

    /// The highest level, whose segments are not merged any more: about a million emails.
    static let highestLevel: Int64 = 2

    /// Newer segments have higher numbers.
    var number: Int64
    /// How often its emails were merged.
    var level: Int64
    var state: State
    var first: EmailID
    var last: EmailID
    /// The segment that it is being merged into.
    var target: Int64?
    /// How far a segment that is being merged has come.
    var position: SegmentPosition

    var month: CalendarMonth { last.time.month }
    var isFree: Bool { state == .live && target == nil }
}

extension SearchSegments {
    func watermark() throws -> SearchWatermark {
        try tx.sql.first("SELECT built, bound, barrier FROM search_watermark WHERE id = 1") {
            SearchWatermark(built: try $0.emailID(0), bound: try $0.emailID(1), barrier: $0.optionalInteger(2))
        } ?? SearchWatermark()
    }

    /// Returns all segments, oldest first.
    func list() throws -> [SearchSegment] {
        try tx.sql.query(
            "SELECT id, level, state, first_id, last_id, target, done_kind, done_key, done_id FROM search_segments ORDER BY id", []
        ) { row in
            SearchSegment(
                number: row.integer(0), level: row.integer(1), state: try row.choice(2), first: try row.emailID(3),
                last: try row.emailID(4),
                target: row.optionalInteger(5),
                position: row.isNull(6) ? .start : SegmentPosition(kind: row.integer(6), key: row.integer(7), id: try row.emailID(8)))
        }
    }

    /// Returns the segments that searches read.
    func listLive() throws -> [SearchSegment] {
        try list().filter { $0.state == .live }
    }

    /// Returns late emails, newest first.
    ///
    /// - Parameter end: only those below the bytes of this key.
    func listLate(from lowest: EmailID, below end: [UInt8], limit: Int) throws -> [EmailID] {
        try tx.sql.query(
            "SELECT email_id FROM email_late WHERE email_id < ?1 AND email_id >= ?2 ORDER BY email_id DESC LIMIT ?3",
            [.blob(end), .id(lowest), .integer(limit)]
        ) { try $0.emailID(0) }
    }

    /// Whether there is something to do for a step of the segments.
    package func hasWork(_ sizes: SegmentSizes = SegmentSizes()) throws -> Bool {
        let mark = try watermark()
        return try mark.bound > mark.built || hasTail(behind: mark, sizes) || lateIDs(below: mark, sizes) != nil || nextTask(sizes) != nil
    }

    /// Whether there are enough emails behind the watermark for a segment, and as many more: so that those become a segment that no
    /// transaction under way is likely to have older ids than.
    func hasTail(behind mark: SearchWatermark, _ sizes: SegmentSizes) throws -> Bool {
        try id(after: mark.built, number: 2 * sizes.emails) != nil
    }

    /// Returns an email behind another one.
    ///
    /// - Parameter number: 1 for the next one.
    func id(after id: EmailID, number: Int) throws -> EmailID? {
        try tx.sql.first("SELECT id FROM emails WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2", [.id(id), .integer(number - 1)]) {
            try $0.emailID(0)
        }
    }

    /// Returns the late emails that are to become a segment; `nil` where they are too few.
    func lateIDs(below mark: SearchWatermark, _ sizes: SegmentSizes) throws -> [EmailID]? {
        let ids = try tx.sql.query(
            "SELECT email_id FROM email_late WHERE email_id <= ?1 ORDER BY email_id LIMIT ?2", [.id(mark.built), .integer(sizes.emails)]
        ) { try $0.emailID(0) }
        return ids.count >= sizes.late ? ids : nil
    }
}

/// What is to be done with segments.
enum SegmentTask: Equatable {
    /// A merge begins.
    case begin([SearchSegment])
    /// A merge that is under way continues.
    case merge(SearchSegment)
    /// The rows of a segment are deleted.
    case delete(SearchSegment)
}

extension SearchSegments {
    func nextTask(_ sizes: SegmentSizes) throws -> SegmentTask? {
        let segments = try list()
        if let building = segments.first(where: { $0.state == .building }) { return .merge(building) }
        if let dead = segments.first(where: { $0.state == .dead }) { return .delete(dead) }
        return Self.mergeable(segments, now: tx.now, sizes).map(SegmentTask.begin)
    }

    /// Returns the segments that are to be merged: enough of a level, or what is left of a month that is past.
    static func mergeable(_ segments: [SearchSegment], now: Timestamp, _ sizes: SegmentSizes) -> [SearchSegment]? {
        let free = segments.filter { $0.isFree && $0.level < SearchSegment.highestLevel }
        for (month, group) in Dictionary(grouping: free, by: \.month).sorted(by: { $0.key < $1.key }) {
            for level in 0..<SearchSegment.highestLevel {
                let equals = group.filter { $0.level == level }
                if equals.count >= sizes.merged { return Array(equals.prefix(sizes.merged)) }
            }
            if month < now.month, group.count > 1 { return Array(group.prefix(sizes.merged)) }
        }
        return nil
    }
}
