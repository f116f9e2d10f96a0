/// Which emails a report is about.
package enum ReportSubject: Sendable, Equatable {
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
package struct Campaign: Sendable, Equatable, Identifiable {
    /// Grows with the time of the first email.
    package var id: Int64
    package var accountID: Int64
    /// The account's reference.
    package var userName: String
    package var externalID: String
    /// When its first email was taken in.
    package var createdAt: Timestamp
    /// What was counted of it from its beginning.
    package var totals: ReportCounts

    package init(id: Int64, accountID: Int64, userName: String, externalID: String, createdAt: Timestamp, totals: ReportCounts) {
        self.id = id
        self.accountID = accountID
        self.userName = userName
        self.externalID = externalID
        self.createdAt = createdAt
        self.totals = totals
    }
}
