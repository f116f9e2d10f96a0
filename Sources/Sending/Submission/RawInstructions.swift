import MIME
import MailModel

/// What a raw message says to this service, in fields of its header that are taken out, or beside it.
struct RawInstructions {
    /// The fields, in lower case.
    enum Name: String, CaseIterable {
        case externalID = "x-martlet-external-id"
        case clientID = "x-martlet-client-id"
        case tags = "x-martlet-tags"
        case callbacks = "x-martlet-callbacks"
        case category = "x-martlet-category"
        case idempotencyKey = "x-martlet-idempotency-key"

        /// As people write it.
        var title: String {
            switch self {
            case .externalID: "X-Martlet-External-Id"
            case .clientID: "X-Martlet-Client-Id"
            case .tags: "X-Martlet-Tags"
            case .callbacks: "X-Martlet-Callbacks"
            case .category: "X-Martlet-Category"
            case .idempotencyKey: "X-Martlet-Idempotency-Key"
            }
        }
    }

    private(set) var externalID: String?
    private(set) var clientID: String?
    private(set) var tags: [String] = []
    private(set) var callbacks: [String] = []
    private(set) var category: EmailCategory?
    private(set) var idempotencyKey: String?

    /// Validates what stands beside the message, and in its header where there is nothing beside it.
    init(_ raw: RawSubmission, _ message: RawMessage) throws(Refusal) {
        var checks = FieldChecks()
        checks.check { () throws(Refusal) in
            externalID = try RequestField(Name.externalID.title).identifier(raw.externalID ?? Self.text(.externalID, of: message))
        }
        checks.check { () throws(Refusal) in
            clientID = try RequestField(Name.clientID.title).identifier(raw.clientID ?? Self.text(.clientID, of: message))
        }
        checks.check { () throws(Refusal) in
            let tags = raw.tags ?? Self.list(.tags, of: message)
            self.tags = try RequestField(Name.tags.title).list(tags, upTo: ValidatedEmail.Limits.tags) {
                field in { value throws(Refusal) in try field.headerText(value, upTo: ValidatedEmail.Limits.tag) }
            }
        }
        checks.check { () throws(Refusal) in
            let callbacks = raw.callbacks ?? Self.list(.callbacks, of: message)
            self.callbacks = try RequestField(Name.callbacks.title).list(
                callbacks, upTo: ValidatedEmail.Limits.callbacks, RequestField.callbackURL)
        }
        category = raw.category
        if category == nil { checks.check { () throws(Refusal) in category = try Self.category(of: message) } }
        checks.check { () throws(Refusal) in
            idempotencyKey = try RequestField(Name.idempotencyKey.title).identifier(
                raw.idempotencyKey ?? Self.text(.idempotencyKey, of: message))
        }
        try checks.finish()
    }

    private static func text(_ name: Name, of message: RawMessage) -> String? {
        message.values(of: name.rawValue).first.map(EncodedWord.text)
    }

    /// The entries of lists with commas.
    private static func list(_ name: Name, of message: RawMessage) -> [String] {
        message.values(of: name.rawValue).flatMap { value in
            EncodedWord.text(of: value).split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
        }
    }

    private static func category(of message: RawMessage) throws(Refusal) -> EmailCategory? {
        guard let text = text(.category, of: message), !text.isEmpty else { return nil }
        guard let category = EmailCategory(rawValue: text.lowercased()) else {
            let known = EmailCategory.allCases.map(\.rawValue).joined(separator: " or ")
            throw RequestField(Name.category.title).refusal("expected \(known)")
        }
        return category
    }
}
