/// What `GET /emails` asks for (specification 13.2); `nil` fields match all.
public struct EmailFilter: Sendable, Equatable {
    public var status: EmailStatus?
    public var recipient: EmailAddress?
    public var sender: EmailAddress?
    public var externalID: String?
    public var clientID: String?
    public var tag: String?
    /// Accepted at this time or later.
    public var since: Timestamp?
    /// Accepted before this time.
    public var until: Timestamp?

    public init() {}
}
