/// Where an email stands.
///
/// Words that a newer server has are kept as they are.
public struct EmailStatus: RawRepresentable, Codable, Sendable, Hashable {
    /// The word of the API, such as `SENT`.
    public let rawValue: String

    /// Creates a status of a word.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Waits for its time.
    public static let scheduled = EmailStatus(rawValue: "SCHEDULED")
    /// Waits to be handed to Amazon SES.
    public static let queued = EmailStatus(rawValue: "QUEUED")
    /// Is being handed over.
    public static let dequeued = EmailStatus(rawValue: "DEQUEUED")
    /// Amazon SES has it.
    public static let sent = EmailStatus(rawValue: "SENT")
    /// The recipient's mail server has it.
    public static let delivered = EmailStatus(rawValue: "DELIVERED")
    /// Came back, perhaps not forever.
    public static let bounced = EmailStatus(rawValue: "BOUNCED")
    /// Came back for good; the address is suppressed.
    public static let bouncedPermanent = EmailStatus(rawValue: "BOUNCED_PERMANENT")
    /// The recipient has complained; the address is suppressed.
    public static let complained = EmailStatus(rawValue: "COMPLAINED")
    /// Was opened.
    public static let opened = EmailStatus(rawValue: "OPEN")
    /// A link of it was clicked.
    public static let clicked = EmailStatus(rawValue: "CLICK")
    /// Was not sent; the timeline says why.
    public static let notSent = EmailStatus(rawValue: "NOT_SENT")
}
