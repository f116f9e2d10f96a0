/// What `GET /emails` asks for (specification 13.2); `nil` fields match all.
package struct EmailFilter: Sendable, Equatable {
    package var status: EmailStatus?
    package var recipient: EmailAddress?
    package var sender: EmailAddress?
    package var externalID: String?
    package var clientID: String?
    package var tag: String?
    /// Accepted at this time or later.
    package var since: Timestamp?
    /// Accepted before this time.
    package var until: Timestamp?

    package init() {}
}
