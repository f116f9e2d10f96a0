/// The id of a subscription, which its link is made of: a UUID version 7 like that of an email.
public struct SubscriptionID: Sendable, Hashable, LosslessStringConvertible {
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

    public var bytes: [UInt8] { uuid.bytes }
    public var description: String { uuid.description }
}
