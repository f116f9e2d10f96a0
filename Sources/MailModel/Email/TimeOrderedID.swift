/// An id of its own type that is made like that of an email: a UUID version 7, which sorts by its time (RFC 9562 section 5.7).
package protocol TimeOrderedID: Sendable, Hashable, LosslessStringConvertible {
    var uuid: EmailID { get }

    init(uuid: EmailID)
}

extension TimeOrderedID {
    /// A new id of something that is made at this time.
    package init(at time: Timestamp) {
        self.init(uuid: EmailID(at: time))
    }

    /// A new id of a row that is written at this time.
    ///
    /// - Parameter sequence: a number of 53 bits, by which rows of one time are sorted (RFC 9562 section 6.2, method 1).
    package init(at time: Timestamp, sequence: Int64) {
        var generator = SequenceGenerator(sequence: UInt64(max(sequence, 0)))
        self.init(uuid: EmailID(at: time, using: &generator))
    }

    /// Reads the 36-character form; `nil` for anything else.
    package init?(_ text: String) {
        guard let uuid = EmailID(text) else { return nil }
        self.init(uuid: uuid)
    }

    /// Reads 16 bytes; `nil` for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard let uuid = EmailID(bytes: bytes) else { return nil }
        self.init(uuid: uuid)
    }

    /// The lowest id that something made at `time` or later can have.
    package static func lowest(at time: Timestamp) -> Self {
        Self(uuid: .lowest(at: time))
    }

    /// The 16 bytes, which sort like the ids.
    package var bytes: [UInt8] { uuid.bytes }
    /// The 36 characters of the UUID, lower case.
    package var description: String { uuid.description }
}

/// Yields the highest 12 bits of a sequence number, which stand behind the time of an id, then the others with 21 random bits behind them.
private struct SequenceGenerator: RandomNumberGenerator {
    private static let lowBits: UInt64 = 41

    let sequence: UInt64
    private var isFirst = true

    init(sequence: UInt64) {
        self.sequence = sequence
    }

    mutating func next() -> UInt64 {
        guard !isFirst else {
            isFirst = false
            return sequence >> Self.lowBits
        }
        // The last two bits are not used.
        return sequence << (64 - Self.lowBits) | UInt64.random(in: 0..<(1 << 21)) << 2
    }
}
