import MailModel
import Synchronization

/// Makes the ids of rows that customers see (specification 12.4): they sort by time and are not consecutive, so that an id tells a customer nothing about
/// the rows of others.
///
/// An id is below 2⁵³, which every reader of JSON represents exactly (RFC 8259 section 6): 41 bits of milliseconds since 2025, until 2094, and 12
/// bits that are random. Rows of earlier versions have lower ids.
///
/// Ids of one process are always distinct and rise, also within a millisecond and while the clock is set back. Those of two nodes are distinct
/// unless both made them in the same millisecond, in transactions of the same lane, with the same random bits: then the database refuses the row, and the
/// group commit runs the command again, in another lane.
final class RowIDs: Sendable {
    /// The number of lanes: the lowest bits of an id, the same within a transaction.
    private static let laneBits: Int64 = 6
    private static let randomBits: Int64 = 6
    /// 2025-01-01T00:00:00Z.
    private static let epoch: Int64 = 1_735_689_600_000

    /// The last id without its lane.
    private let last = Mutex<Int64>(0)

    /// Returns a random lane for a transaction.
    static func lane() -> Int64 {
        Int64.random(in: 0..<(1 << laneBits))
    }

    /// Returns the next id.
    ///
    /// - Parameters:
    ///   - now: the time of the transaction.
    ///   - lane: the lane of the transaction.
    func next(at now: Timestamp, lane: Int64) -> Int64 {
        let next = last.withLock { last in
            let byTime = max(0, now.milliseconds - Self.epoch) << Self.randomBits | Int64.random(in: 0..<(1 << Self.randomBits))
            last = max(byTime, last + Int64.random(in: 2...5))
            return last
        }
        return next << Self.laneBits | lane
    }
}

extension Transaction {
    /// Returns an id for a new row that customers see; see ``RowIDs``.
    func newID() -> Int64 {
        rowIDs.next(at: now, lane: rowIDLane)
    }
}
