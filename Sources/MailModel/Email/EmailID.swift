/// The id of an email: a UUID version 7 (RFC 9562 section 5.7), so that ids sort by the time of acceptance.
package struct EmailID: Sendable, Hashable, Comparable {
    /// The first 8 bytes, big-endian: 48 bits of milliseconds, the version and 12 random bits.
    let high: UInt64
    /// The last 8 bytes: the variant and 62 random bits.
    let low: UInt64

    /// - Parameters:
    ///   - time: when the email was accepted; after 1970.
    ///   - generator: where the 74 random bits come from.
    package init(at time: Timestamp, using generator: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(max(0, time.milliseconds)) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | 0x7000 | generator.next() & 0x0FFF
        low = 0x8000_0000_0000_0000 | generator.next() >> 2
    }

    /// A new id of an email that is accepted at this time.
    package init(at time: Timestamp) {
        var generator = SystemRandomNumberGenerator()
        self.init(at: time, using: &generator)
    }

    /// Reads 16 bytes; `nil` for any other count.
    package init?(bytes: some Collection<UInt8>) {
        let halves = bytes.withContiguousStorageIfAvailable(Self.halves) ?? Array(bytes).withUnsafeBufferPointer(Self.halves)
        guard let halves else { return nil }
        (high, low) = halves
    }

    /// For memory and not for any collection, as every row that is read has an id.
    private static func halves(_ bytes: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard bytes.count == 16 else { return nil }
        let memory = UnsafeRawBufferPointer(bytes)
        return (
            UInt64(bigEndian: memory.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: memory.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    /// The 16 bytes, which sort like the ids.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            for index in 0..<8 {
                buffer[index] = UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64(index)))
                buffer[index + 8] = UInt8(truncatingIfNeeded: low >> (56 - 8 * UInt64(index)))
            }
            count = 16
        }
    }

    /// When the email was accepted.
    package var time: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    /// The lowest id an email accepted at `time` or later can have: the start of a range by time.
    package static func lowest(at time: Timestamp) -> EmailID {
        EmailID(high: UInt64(max(0, time.milliseconds)) << 16, low: 0)
    }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Whether an id is the lower one: accepted earlier or, within a millisecond, at random.
    package static func < (lhs: EmailID, rhs: EmailID) -> Bool {
        (lhs.high, lhs.low) < (rhs.high, rhs.low)
    }
}

extension EmailID: LosslessStringConvertible {
    /// The 36 characters of RFC 9562 section 4, in lower case.
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for (index, byte) in bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                buffer[position] = Self.hexadecimal(byte >> 4)
                buffer[position + 1] = Self.hexadecimal(byte & 15)
                position += 2
            }
            return position
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
    }

    /// Reads the 36-character form in either case; `nil` for anything else.
    package init?(_ text: String) {
        var bytes: [UInt8] = []
        var nibble: UInt8?
        guard text.utf8.count == 36 else { return nil }
        for (index, character) in text.utf8.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Character(Unicode.Scalar(character)).hexDigitValue else { return nil }
            if let first = nibble {
                bytes.append(first << 4 | UInt8(digit))
                nibble = nil
            } else {
                nibble = UInt8(digit)
            }
        }
        self.init(bytes: bytes)
    }
}
