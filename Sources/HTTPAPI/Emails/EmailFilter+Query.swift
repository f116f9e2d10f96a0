import MailModel

extension EmailFilter {
    /// Reads the filters of `GET /emails` (contract section 9).
    init(_ query: Query) throws(APIError) {
        self.init()
        let statuses = EmailStatus.allCases.map(\.rawValue).joined(separator: ", ")
        status = try query.value("status", "one of \(statuses)", EmailStatus.init(rawValue:))
        recipient = try query.value("to", "an email address") { try? EmailAddress($0) }
        sender = try query.value("from", "an email address") { try? EmailAddress($0) }
        externalID = query["externalId"]
        clientID = query["clientId"]
        tag = query["tag"]
        since = try query.value("since", "an RFC 3339 time", Timestamp.init(rfc3339:))
        until = try query.value("until", "an RFC 3339 time", Timestamp.init(rfc3339:))
    }
}
