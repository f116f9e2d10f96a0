import MailModel
import Web

/// The search form of the list of emails: as it was typed, and as a filter.
struct EmailSearchForm {
    private(set) var filter = EmailFilter()
    /// The page begins behind this email.
    let after: EmailID?
    private(set) var fields: SearchFields

    static let names = ["to", "toDomain", "status", "from", "externalId", "clientId", "tag", "since", "until"]

    init(_ query: Query) {
        fields = SearchFields(query, Self.names)
        after = query["after"].flatMap(EmailID.init)
        filter.recipient = fields.read("to", "The recipient is no email address") { try? EmailAddress($0) }
        filter.recipientDomain = fields.read("toDomain", "The recipient's domain is no domain") { try? DomainName($0) }
        filter.sender = fields.read("from", "The sender is no email address") { try? EmailAddress($0) }
        filter.status = fields.read("status", "There is no such status", EmailStatus.init)
        filter.externalID = fields.given("externalId")
        filter.clientID = fields.given("clientId")
        filter.tag = fields.given("tag")
        (filter.since, filter.until) = fields.readDays()
    }

    /// Whether filters are in use that are hidden by default.
    var usesMore: Bool { fields.names.contains { $0 != "to" && $0 != "status" } }
}
