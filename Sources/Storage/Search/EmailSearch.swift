import Database
import MailModel

/// A search for emails: their ids, newest first.
///
/// It reads emails behind the watermark by their ids, then the segments by its key, and compares every email with the filter. What it looks
/// at is bounded: where it has looked at ``mostSeen`` emails, it ends, and ``end`` is where the next one begins.
struct EmailSearch<Tx: ReadableTransaction> {
    /// The number of emails at which a search ends.
    static var mostSeen: Int { 8192 }
    private static var mostAtOnce: Int { 128 }
    private static var mostOfTail: Int { 1024 }

    private let tx: Tx
    private let filter: EmailFilter
    private let accountID: Int64?
    /// Instead of the filter's status.
    private let statuses: [EmailStatus]
    private let key: SearchKey?
    /// Emails up to this one are found by the key.
    private let floor: EmailID
    /// Emails below the bytes of this key are still to be read.
    private var below: [UInt8]
    private var lowest: EmailID
    private var isBounded = false
    private var seen = 0
    private var idsAtOnce = 64
    private var stream: SegmentStream?
    private var isInSegments: Bool
    private(set) var isFinished = false

    /// - Parameters:
    ///   - after: begins behind this one.
    ///   - statuses: one of these, instead of the filter's.
    ///   - skippingTail: whether emails behind the watermark are left out.
    init(
        _ filter: EmailFilter, of accountID: Int64?, after: EmailID? = nil, statuses: [EmailStatus] = [], skippingTail: Bool = false,
        in tx: Tx
    ) throws {
        self.tx = tx
        self.filter = filter
        self.accountID = accountID
        self.statuses = statuses
        below = [after, filter.until.map(EmailID.lowest)].compactMap(\.self).min()?.bytes ?? Array(repeating: 0xFF, count: 16)
        let lowest = filter.since.map(EmailID.lowest) ?? .zero
        self.lowest = lowest
        key = SearchKey(of: filter, accountID: accountID)
        floor = key == nil ? .zero : try tx.segments.watermark().built
        isInSegments = skippingTail
        if try !findWaiting(), key != nil, skippingTail || !floor.bytes.lexicographicallyPrecedes(below) { try openSegments() }
    }

    /// Where the next search begins; `nil` where this one has looked at all emails.
    var end: EmailID? { isBounded && isFinished ? lowest : nil }
}

extension EmailSearch {
    /// Returns the next ids of emails that the filter matches, except for its tag; none does not mean that there are no more.
    mutating func next(_ count: Int) throws -> [EmailID] {
        let atOnce = max(count, min(idsAtOnce, isInSegments ? Self.mostAtOnce : Self.mostOfTail))
        idsAtOnce = atOnce * 2
        let found = isInSegments ? try nextInSegments(count, atOnce) : try nextInTail(count, atOnce)
        if seen >= Self.mostSeen, !isBounded, !isFinished { bound() }
        return found
    }

    /// Ends the search at the last email that was looked at.
    ///
    /// That may be another account's, whose id must not be told. So it looks at the rest of its millisecond too, and the next search
    /// begins at the millisecond before.
    private mutating func bound() {
        guard let last = EmailID(bytes: below) else { return }
        let start = EmailID.lowest(at: last.time)
        guard start > lowest else { return }
        lowest = start
        isBounded = true
        stream?.end(at: start)
    }

    private mutating func nextInTail(_ count: Int, _ atOnce: Int) throws -> [EmailID] {
        let rows = try readTail(atOnce)
        var found = rows.filter(\.matches).map(\.id)
        seen += rows.count
        if found.count > count {
            found.removeLast(found.count - count)
            below = found[count - 1].bytes
        } else if let last = rows.last, rows.count == atOnce {
            below = last.id.bytes
        } else if key != nil, lowest <= floor {
            try openSegments()
        } else {
            isFinished = true
        }
        return found
    }

    private func readTail(_ limit: Int) throws -> [(id: EmailID, matches: Bool)] {
        var conditions = Conditions()
        add(to: &conditions)
        let matches = conditions.text.isEmpty ? "1" : "CASE WHEN \(conditions.text) THEN 1 ELSE 0 END"
        // One lower bound: the database would begin at one of two, and might read what the other leaves out.
        let start = lowest > floor ? lowest.bytes : floor.bytes + [0]
        let places = ([.blob(below), .blob(start), .integer(limit)] as [DatabaseValue]).map { conditions.parameter($0) }
        return try tx.sql.query(
            """
            SELECT e.id, \(matches) FROM emails e WHERE e.id < \(places[0]) AND e.id >= \(places[1])
            ORDER BY e.id DESC LIMIT \(places[2])
            """, conditions.arguments
        ) { (try $0.emailID(0), $0.bool(1)) }
    }

    private mutating func nextInSegments(_ count: Int, _ atOnce: Int) throws -> [EmailID] {
        let sql = tx.sql
        let ids = try stream?.next(atOnce, sql) ?? []
        guard let last = ids.last else {
            isFinished = true
            return []
        }
        seen += ids.count
        let found = try matching(ids)
        guard found.count > count else {
            below = last.bytes
            return found
        }
        let end = found[count - 1]
        stream?.putBack(ids.drop { $0 >= end })
        below = end.bytes
        return Array(found.prefix(count))
    }

    /// Returns those of the emails that the filter matches, except for its tag, in their order.
    func matching(_ ids: [EmailID]) throws -> [EmailID] {
        let found = try ids.map { DatabaseValue.id($0) }.parts(of: Self.mostAtOnce).flatMap { part in
            var conditions = Conditions()
            let places = part.map { conditions.parameter($0) }.joined(separator: ", ")
            conditions.add("e.id IN (\(places))")
            add(to: &conditions)
            return try tx.sql.query("SELECT e.id FROM emails e WHERE \(conditions.text)", conditions.arguments) { try $0.emailID(0) }
        }
        let matching = Set(found)
        return ids.filter(matching.contains)
    }

    private func add(to conditions: inout Conditions) {
        if let accountID { conditions.add("e.account_id", .integer(accountID)) }
        if let recipient = filter.recipient {
            if filter.recipientInAnyCase {
                conditions.add("LOWER(e.recipient)", .text(recipient.suppressionKey))
            } else {
                conditions.add("e.recipient", .text(recipient.description))
            }
        }
        if let domain = filter.recipientDomain {
            let pattern = conditions.parameter(.text("%@" + LikePattern.escaped(domain.description)))
            conditions.add("LOWER(e.recipient) LIKE \(pattern) ESCAPE '!'")
        }
        if let sender = filter.sender { conditions.add("e.sender", .text(sender.description)) }
        if let externalID = filter.externalID { conditions.add("e.external_id", .text(externalID)) }
        if let clientID = filter.clientID { conditions.add("e.client_id", .text(clientID)) }
        if let status = filter.status { conditions.add("e.status", .text(status.rawValue)) }
        if !statuses.isEmpty {
            let places = statuses.map { conditions.parameter(.text($0.rawValue)) }
            conditions.add("e.status IN (\(places.joined(separator: ", ")))")
        }
        // The tags are in the content. This leaves out the emails without any.
        if filter.tag != nil {
            let mark = conditions.parameter(.integer(ReportMarks.tagged.rawValue))
            conditions.add("e.reported & \(mark) <> 0")
        }
    }
}

extension EmailSearch {
    /// The late emails that a search looks at, at the most.
    private static var mostLate: Int { 8192 }

    private mutating func openSegments() throws {
        guard let key else { return }
        isInSegments = true
        let above = floor.bytes + [0]
        let end = above.lexicographicallyPrecedes(below) ? above : below
        // The order matters where each statement sees what was committed before it: late emails, then the segments that they go to.
        let late = try tx.segments.listLate(from: lowest, below: end, limit: Self.mostLate)
        if late.count == Self.mostLate, let last = late.last, last.time > lowest.time {
            lowest = .lowest(at: Timestamp(milliseconds: last.time.milliseconds + 1))
            isBounded = true
        }
        stream = try SegmentStream(
            of: key, in: tx.segments.listLive(), with: matching(late.filter { $0 >= lowest }), from: lowest,
            below: end, tx.sql)
    }

    /// Finds emails that wait to be sent by the index of the queue, if that is not longer than what a search looks at.
    ///
    /// - Returns: whether they were found.
    private mutating func findWaiting() throws -> Bool {
        // An attempt whose outcome is reported by other means leaves the queue as `DEQUEUED`.
        guard let status = filter.status, status.isPending, status != .dequeued, key == nil || key?.kind == .account else { return false }
        let waiting = try tx.sql.query(
            "SELECT id FROM emails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ?1", [.integer(Self.mostSeen)]
        ) { try $0.emailID(0) }
        guard waiting.count < Self.mostSeen else { return false }
        isInSegments = true
        stream = SegmentStream(
            try matching(waiting.filter { $0 >= lowest && $0.bytes.lexicographicallyPrecedes(below) }))
        return true
    }
}

extension EmailID {
    /// The lowest id.
    static let zero = EmailID.lowest(at: Timestamp(milliseconds: 0))
}

/// The conditions of a `WHERE` clause, and the values of its parameters.
struct Conditions {
    private var parts: [String] = []
    private(set) var arguments: [DatabaseValue] = []

    var text: String { parts.joined(separator: " AND ") }

    mutating func add(_ condition: String) {
        parts.append(condition)
    }

    mutating func add(_ left: String, is relation: String = "=", _ value: DatabaseValue) {
        parts.append("\(left) \(relation) \(parameter(value))")
    }

    mutating func parameter(_ value: DatabaseValue) -> String {
        arguments.append(value)
        return "?\(arguments.count)"
    }
}
