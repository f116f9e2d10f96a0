import Database
import MailModel

/// What a step has done.
package enum SegmentProgress: Sendable, Equatable {
    /// Something; there may be more to do.
    case worked
    /// Nothing, because transactions that may still insert older emails are under way.
    case waits
    /// Nothing: there is nothing to do.
    case idle
}

/// An email with what it is searched by.
struct SearchedEmail {
    var id: EmailID
    var accountID: Int64
    var sender: EmailAddress
    var recipient: EmailAddress
    var externalID: String?
    var clientID: String?
    var isTagged: Bool

    static let select = "SELECT id, account_id, sender, recipient, external_id, client_id, reported FROM emails"

    init(_ row: any DatabaseRow) throws {
        id = try row.emailID(0)
        accountID = row.integer(1)
        sender = EmailAddress(validated: row.text(2))
        recipient = EmailAddress(validated: row.text(3))
        externalID = row.optionalText(4)
        clientID = row.optionalText(5)
        isTagged = ReportMarks(rawValue: row.integer(6)).contains(.tagged)
    }
}

extension SearchSegments where Tx == Transaction {
    /// Does one piece of work: builds a segment, or moves or deletes some rows.
    ///
    /// To be called in the steps of a ``JobLease``, whose row is locked: steps never overlap. Each step is one transaction, so that what a
    /// crash interrupts is done again from where the last step ended.
    package func step(_ sizes: SegmentSizes = SegmentSizes()) throws -> SegmentProgress {
        let mark = try watermark()
        let hasTail = try mark.bound > mark.built || hasTail(behind: mark, sizes)
        if hasTail, try extend(mark, sizes) { return .worked }
        if let late = try lateIDs(below: mark, sizes) {
            try collect(late)
            return .worked
        }
        guard let task = try nextTask(sizes) else { return hasTail ? .waits : .idle }
        switch task {
        case .begin(let sources): try begin(sources)
        case .merge(let target): try merge(into: target, sizes)
        case .delete(let segment): try delete(segment, sizes)
        }
        return .worked
    }

    /// Builds the segment up to the bound once all transactions have ended that may not know the bound, and sets the next bound.
    ///
    /// - Returns: false where such a transaction is under way.
    private func extend(_ found: SearchWatermark, _ sizes: SegmentSizes) throws -> Bool {
        var mark = found
        if mark.bound > mark.built {
            guard try hasPassed(&mark) else {
                try save(mark)
                return false
            }
            try build(&mark)
        }
        if try hasTail(behind: mark, sizes), let bound = try id(after: mark.built, number: sizes.emails) {
            mark.bound = bound
            // One writer: no transaction is under way.
            if tx.sql.dialect.hasOneWriter { try build(&mark) }
        }
        try save(mark)
        return true
    }

    /// Whether all transactions have ended that may have read an earlier bound.
    ///
    /// They had a number before they read it (``Emails/recordLate()``). The bound was committed before this transaction got its own number,
    /// when its lease was renewed; so theirs are lower than that. `pg_snapshot_xmin` is the lowest number that is under way.
    private func hasPassed(_ mark: inout SearchWatermark) throws -> Bool {
        guard let query = tx.sql.dialect.oldestTransaction,
            let (oldest, own) = try tx.sql.first(query, [], { ($0.integer(0), $0.integer(1)) })
        else { return true }
        // A higher one is of another server, of which this database is a copy.
        let barrier = min(mark.barrier ?? own, own)
        mark.barrier = barrier
        return oldest >= barrier
    }

    private func save(_ mark: SearchWatermark) throws {
        try tx.sql.execute(
            """
            INSERT INTO search_watermark (id, built, bound, barrier) VALUES (1, ?1, ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET built = excluded.built, bound = excluded.bound, barrier = excluded.barrier
            """, [.id(mark.built), .id(mark.bound), .integer(mark.barrier)])
    }

    private func build(_ mark: inout SearchWatermark) throws {
        let range: [DatabaseValue] = [.id(mark.built), .id(mark.bound)]
        // Before the emails are read, so that each of them is read, too.
        try tx.sql.execute("DELETE FROM email_late WHERE email_id > ?1 AND email_id <= ?2", range)
        try insertSegments(
            of: tx.sql.query("\(SearchedEmail.select) WHERE id > ?1 AND id <= ?2 ORDER BY id", range, SearchedEmail.init))
        mark = SearchWatermark(built: mark.bound, bound: mark.bound)
    }

    /// Makes segments of late emails, whose ids are among those of other segments.
    private func collect(_ late: [EmailID]) throws {
        let ids = late.map { DatabaseValue.id($0) }
        try tx.sql.execute(overRows: ids.map { [$0] }) { "DELETE FROM email_late WHERE email_id IN (VALUES \($0))" }
        try insertSegments(of: tx.sql.query(over: ids, { "\(SearchedEmail.select) WHERE id IN (\($0)) ORDER BY id" }, SearchedEmail.init))
    }

    /// Inserts a segment for each month of emails.
    private func insertSegments(of emails: [SearchedEmail]) throws {
        try tx.reports.prefetchTags(of: emails.filter(\.isTagged).map(\.id))
        for (_, emails) in Dictionary(grouping: emails, by: \.id.time.month).sorted(by: { $0.key < $1.key }) {
            let number = try insert(level: 0, .live, first: emails[0].id, last: emails[emails.count - 1].id)
            let rows = emails.flatMap { email in
                SearchKey.all(of: email, tags: email.isTagged ? tx.emailCache.tags[email.id] ?? [] : []).map { key in
                    SegmentPosition(kind: key.kind.rawValue, key: key.numbers.lowerBound, id: email.id)
                }
            }
            for row in rows.sorted() { try tx.sql.add([.integer(number)] + row.values, by: Self.insertion) }
        }
    }

    private static var insertion: Insertion { SearchRow.insertion }

    /// Inserts a segment without rows.
    ///
    /// - Returns: its number.
    func insert(level: Int64, _ state: SearchSegment.State, first: EmailID, last: EmailID) throws -> Int64 {
        let number = try (tx.sql.first("SELECT MAX(id) FROM search_segments") { $0.integer(0) } ?? 0) + 1
        try tx.sql.execute(
            "INSERT INTO search_segments (id, level, state, first_id, last_id) VALUES (?1, ?2, ?3, ?4, ?5)",
            [.integer(number), .integer(level), .text(state.rawValue), .id(first), .id(last)])
        return number
    }
}

/// A row of `email_search`.
enum SearchRow {
    static let insertion = Insertion(into: "email_search", ["segment", "kind", "key", "email_id"])
}

extension Emails where Tx == Transaction {
    /// Adds the emails that this transaction has inserted up to the bound of the segments to the late ones.
    ///
    /// The bound is read when the emails are written, so that this transaction has its number: see ``SearchSegments``.
    func recordLate() throws {
        guard !tx.emailCache.inserted.isEmpty else { return }
        let bound = try tx.segments.watermark().bound
        for id in tx.emailCache.inserted where id <= bound { try tx.sql.add([.id(id)], by: Self.lateInsertion) }
        tx.emailCache.inserted = []
    }

    private static var lateInsertion: Insertion { Insertion(into: "email_late", ["email_id"]) }
}
