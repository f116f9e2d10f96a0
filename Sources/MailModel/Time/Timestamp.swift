/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
///
/// The model has no clock: the caller passes the time to a rule.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since the Unix epoch, UTC.
    ///
    /// Negative before 1970.
    package var milliseconds: Int64

    /// The time so many milliseconds after 1970-01-01T00:00:00Z.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Whether a time is the earlier one.
    package static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.milliseconds < rhs.milliseconds
    }

    /// The time that is later by a duration, in whole milliseconds.
    package static func + (lhs: Timestamp, rhs: Duration) -> Timestamp {
        Timestamp(milliseconds: lhs.milliseconds + rhs.milliseconds)
    }

    /// The time that is earlier by a duration, in whole milliseconds.
    package static func - (lhs: Timestamp, rhs: Duration) -> Timestamp {
        Timestamp(milliseconds: lhs.milliseconds - rhs.milliseconds)
    }

    /// The time from `rhs` to `lhs`; negative when `lhs` is earlier.
    package static func - (lhs: Timestamp, rhs: Timestamp) -> Duration {
        .milliseconds(lhs.milliseconds - rhs.milliseconds)
    }
}

extension Duration {
    /// Whole milliseconds, truncated toward zero.
    package var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
