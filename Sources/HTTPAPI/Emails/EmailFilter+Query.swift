import MailModel
import Web

extension EmailFilter {
    /// Reads the filters of `GET /emails` (specification 13.2).
    init(_ query: Query) throws(APIError) {
        self.init()
        status = try query.choice("status")
        recipient = try query.value("to", "an email address") { try? EmailAddress($0) }
        sender = try query.value("from", "an email address") { try? EmailAddress($0) }
        externalID = query["externalId"]
        clientID = query["clientId"]
        tag = query["tag"]
        since = try query.value("since", "an RFC 3339 time", Timestamp.init(rfc3339:))
        until = try query.value("until", "an RFC 3339 time", Timestamp.init(rfc3339:))
    }
}
