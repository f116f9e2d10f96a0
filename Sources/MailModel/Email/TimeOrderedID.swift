/// An id of its own kind that is made like that of an email: a UUID version 7, which sorts by its time (RFC 9562 section 5.7).
package protocol TimeOrderedID: Sendable, Hashable, LosslessStringConvertible {
    var uuid: EmailID { get }

    init(uuid: EmailID)
}

extension TimeOrderedID {
    package init(at time: Timestamp) {
        self.init(uuid: EmailID(at: time))
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

    package var bytes: [UInt8] { uuid.bytes }
    package var description: String { uuid.description }
}
