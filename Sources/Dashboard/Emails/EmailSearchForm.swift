import MailModel
import Web

/// The search form of the list of emails: as it was typed, and as a filter.
struct EmailSearchForm {
    private(set) var filter = EmailFilter()
    /// The page begins behind this email.
    let after: EmailID?
    /// What is not valid, in a sentence; there is no search then.
    private(set) var problem: String?
    private let texts: [String: String]

    static let names = ["to", "status", "from", "externalId", "clientId", "tag", "since", "until"]

    init(_ query: Query) {
        texts = Dictionary(
            uniqueKeysWithValues: Self.names.compactMap { name in
                query[name].map(\.trimmed).flatMap { $0.isEmpty ? nil : (name, $0) }
            })
        after = query["after"].flatMap(EmailID.init)
        filter.recipient = read("to", "The recipient is no email address") { try? EmailAddress($0) }
        filter.sender = read("from", "The sender is no email address") { try? EmailAddress($0) }
        filter.status = read("status", "There is no such status", EmailStatus.init)
        filter.externalID = texts["externalId"]
        filter.clientID = texts["clientId"]
        filter.tag = texts["tag"]
        filter.since = read("since", "The first day is no date, such as 2026-01-31", Self.midnight)
        filter.until = read("until", "The last day is no date, such as 2026-01-31", Self.midnight).map { $0 + .seconds(86_400) }
    }

    /// The text of a field.
    func text(_ name: String) -> String { texts[name] ?? "" }

    var isEmpty: Bool { texts.isEmpty }

    /// Whether filters are in use that are hidden by default.
    var usesMore: Bool { texts.keys.contains { $0 != "to" && $0 != "status" } }

    private mutating func read<Value>(_ name: String, _ complaint: String, _ read: (String) -> Value?) -> Value? {
        guard let text = texts[name] else { return nil }
        let value = read(text)
        if value == nil { problem = problem ?? complaint + "." }
        return value
    }

    private static func midnight(_ date: String) -> Timestamp? {
        Timestamp(rfc3339: date + "T00:00:00Z")
    }
}
