import MailModel
import Web

/// What the list of emails is asked for: as it was typed, and as it is understood.
struct EmailSearchForm {
    private(set) var filter = EmailFilter()
    /// Begin behind this email.
    let after: EmailID?
    /// What cannot be understood, in words; nothing is looked for then.
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

    /// What was typed into a field.
    func text(_ name: String) -> String { texts[name] ?? "" }

    var isEmpty: Bool { texts.isEmpty }

    /// Filters beyond those that are always to be seen are in use.
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
