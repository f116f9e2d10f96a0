/// The id of a delivery, sent as `webhook-id`, or of the event that it tells of: a UUID version 7 like that of an email.
public struct CallbackID: Sendable, Hashable, LosslessStringConvertible {
    private let uuid: EmailID

    public init(at time: Timestamp) {
        uuid = EmailID(at: time)
    }

    /// Reads the 36-character form; `nil` for anything else.
    public init?(_ text: String) {
        guard let uuid = EmailID(text) else { return nil }
        self.uuid = uuid
    }

    /// Reads 16 bytes; `nil` for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard let uuid = EmailID(bytes: bytes) else { return nil }
        self.uuid = uuid
    }

    private init(uuid: EmailID) {
        self.uuid = uuid
    }

    /// The lowest id that a delivery made at `time` or later can have.
    public static func lowest(at time: Timestamp) -> CallbackID {
        CallbackID(uuid: .lowest(at: time))
    }

    public var bytes: [UInt8] { uuid.bytes }
    public var description: String { uuid.description }
}
