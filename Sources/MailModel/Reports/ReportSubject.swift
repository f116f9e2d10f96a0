/// The emails that a report covers.
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
    /// The id, which grows with the time of the first email.
    package var id: Int64
    /// The account that it belongs to.
    package var accountID: Int64
    /// The account's reference.
    package var userName: String
    /// The `externalId` of its emails.
    package var externalID: String
    /// When its first email was accepted.
    package var createdAt: Timestamp
    /// Its counts from its beginning.
    package var totals: ReportCounts

    /// A campaign with these values.
    package init(id: Int64, accountID: Int64, userName: String, externalID: String, createdAt: Timestamp, totals: ReportCounts) {
        self.id = id
        self.accountID = accountID
        self.userName = userName
        self.externalID = externalID
        self.createdAt = createdAt
        self.totals = totals
    }
}
