import Hummingbird
import JSON
import MailModel
import Notices
import Web

/// `/accounts/{ref}/contacts`: who is mailed the notices of an account (specification 7.3).
struct ContactController: Sendable {
    let notices: NoticeService

    var operations: [Operation] {
        [
            Operation(.get, "/accounts/{ref}/contacts", .accountsContacts, Self.listDocumentation, list),
            Operation(.put, "/accounts/{ref}/contacts", .accountsContacts, Self.replaceDocumentation, replace),
        ]
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        Self.answer(try await notices.contacts(of: try request.parameter("ref"), by: principal))
    }

    private func replace(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let items = try await request.array(upTo: NoticeContact.maximumCount)
        let contacts = try items.enumerated().map { index, item in try Self.contact(item, at: "[\(index)]") }
        return Self.answer(try await notices.setContacts(of: try request.parameter("ref"), contacts, by: principal))
    }

    private static func answer(_ contacts: [NoticeContact]) -> Response {
        .json { writer in
            writer.array { array in
                for contact in contacts { ContactResources.contact.write(contact, to: &array) }
            }
        }
    }

    private static func contact(_ item: JSONValue, at place: String) throws(APIError) -> NoticeContact {
        guard let object = item.objectValue else { throw .invalid(place, code: .wrongType, "expected an object, found \(item.kind)") }
        var fields = Fields(object, at: place)
        let text = fields.requiredString("address")
        let address = try? EmailAddress(text)
        if fields.contains("address"), !text.isEmpty, address == nil { fields.refuse("address", "expected an email address") }
        let names = fields.strings("events") ?? []
        for name in names where AccountNotice.Event(rawValue: name) == nil {
            fields.refuse("events", "expected some of \(AccountNotice.Event.allCases.map(\.rawValue).joined(separator: ", "))")
            break
        }
        let language: NoticeLanguage? = fields.choice("language")
        try fields.check()
        guard let address else { throw .invalid("\(place).address", "expected an email address") }
        return NoticeContact(
            address, events: names.compactMap(AccountNotice.Event.init(rawValue:)).uniqued, language: language ?? .english)
    }
}

extension [AccountNotice.Event] {
    /// Each once, in the order in which they came.
    fileprivate var uniqued: Self {
        reduce(into: []) { events, event in if !events.contains(event) { events.append(event) } }
    }
}

extension ContactController {
    private static let listDocumentation = Documentation(
        "The people who are mailed the notices of an account: warnings, blocks, suspensions, quotas",
        .json(.ok, "The contacts.", .array(ContactResources.contact.reference)))

    private static let replaceDocumentation = Documentation(
        "Replace the people who are mailed the notices of an account: the whole list, up to \(NoticeContact.maximumCount)",
        body: .json(
            .array(ContactResources.change.reference),
            example: #"[{"address": "ann@partner.example", "events": ["account.warning", "account.blocked"], "language": "en"}]"#),
        .json(.ok, "The contacts after it.", .array(ContactResources.contact.reference)))
}

/// A contact as the API answers and takes it (specification 7.3).
enum ContactResources {
    static let contact = Resource<NoticeContact>("Contact") {
        Field(address) { $0.address.description }
        Field(events) { $0.events.map(\.rawValue) }
        Field(language) { $0.language.rawValue }
    }

    /// An element of the body of `PUT /accounts/{ref}/contacts`.
    static let change = Component(
        "NewContact",
        .fields(
            [address]
                + [events, language].map { .optional($0.name, $0.schema, $0.description, example: $0.example) }))

    private static let address = Schema.Property("address", .email, "Where the notices are mailed to.", example: "ann@partner.example")
    private static let events = Schema.Property(
        "events", .array(.words(AccountNotice.Event.self)), "The kinds of notices that are mailed; empty for all.",
        example: ["account.warning", "account.blocked", "domain.quota"])
    private static let language = Schema.Property(
        "language", .words(NoticeLanguage.self), "The language of the notices: `en` where none is given.", example: "en")
}
