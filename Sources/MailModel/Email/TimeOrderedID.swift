/// An id of its own kind that is made like that of an email: a UUID version 7, which sorts by its time (RFC 9562 section 5.7).
public protocol TimeOrderedID: Sendable, Hashable, LosslessStringConvertible {
    var uuid: EmailID { get }

    init(uuid: EmailID)
}

extension TimeOrderedID {
    public init(at time: Timestamp) {
        self.init(uuid: EmailID(at: time))
    }

    /// Reads the 36-character form; `nil` for anything else.
    public init?(_ text: String) {
        guard let uuid = EmailID(text) else { return nil }
        self.init(uuid: uuid)
    }

    /// Reads 16 bytes; `nil` for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard let uuid = EmailID(bytes: bytes) else { return nil }
        self.init(uuid: uuid)
    }

    /// The lowest id that something made at `time` or later can have.
    public static func lowest(at time: Timestamp) -> Self {
        Self(uuid: .lowest(at: time))
    }

    public var bytes: [UInt8] { uuid.bytes }
    public var description: String { uuid.description }
}
