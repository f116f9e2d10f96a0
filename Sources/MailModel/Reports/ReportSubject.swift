/// Which emails a report is about.
public enum ReportSubject: Sendable, Equatable {
    case all
    /// Charged to the sending domain of this name.
    case domain(DomainName)
    /// From this address.
    case sender(EmailAddress)
    /// With this `externalId`.
    case campaign(String)
    case tag(String)
}

/// A campaign: the emails of an account with one `externalId`.
public struct Campaign: Sendable, Equatable, Identifiable {
    /// Grows with the time of the first email.
    public var id: Int64
    public var accountID: Int64
    /// The account's reference.
    public var userName: String
    public var externalID: String
    /// When its first email was taken in.
    public var createdAt: Timestamp
    /// What was counted of it from its beginning.
    public var totals: ReportCounts

    public init(id: Int64, accountID: Int64, userName: String, externalID: String, createdAt: Timestamp, totals: ReportCounts) {
        self.id = id
        self.accountID = accountID
        self.userName = userName
        self.externalID = externalID
        self.createdAt = createdAt
        self.totals = totals
    }
}
