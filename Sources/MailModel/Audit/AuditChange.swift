/// A change as a use case reports it to the audit log, in the transaction that makes it (specification 2.7).
///
/// A call that changes nothing reports nothing.
package struct AuditChange: Sendable, Equatable {
    /// What was done.
    package var action: AuditAction
    /// What it was done to.
    package var target: AuditTarget
    /// The account whose matter it is, whose keys may read the row; `nil` for the operator alone.
    package var accountID: Int64?
    /// What was there before, by the API's names: only what has changed, never a secret.
    ///
    /// Empty where nothing was.
    package var before: [String: AuditValue]
    /// What is there now, as ``before``.
    ///
    /// Empty where nothing is.
    package var after: [String: AuditValue]

    /// A change of these values.
    package init(
        _ action: AuditAction, target: AuditTarget, account accountID: Int64?, before: [String: AuditValue] = [:],
        after: [String: AuditValue] = [:]
    ) {
        self.action = action
        self.target = target
        self.accountID = accountID
        self.before = before
        self.after = after
    }

    /// Whether anything is different: ``before`` and ``after`` are not the same, or both are empty and the action says it all.
    package var isChange: Bool { before != after || before.isEmpty }

    /// The change without the values that are the same before and after.
    package var reduced: AuditChange {
        var change = self
        change.before = before.filter { after[$0.key] != $0.value }
        change.after = after.filter { before[$0.key] != $0.value }
        return change
    }
}

/// What a change was made to: a kind and a name, `domain:shop.example`.
package enum AuditTarget: Sendable, Hashable {
    /// A thing of ours or of a customer's.
    case named(Kind, String)
    /// A recipient, of whose address the log has a keyed hash.
    case recipient(EmailAddress)

    /// What kind of thing it is.
    package enum Kind: String, Sendable, CaseIterable {
        case domain, account, key, user, sender, recipient, template, endpoint, dashboard, counters, database
    }

    /// Reads `kind:name`, such as `domain:shop.example`; `nil` for a text of another form.
    ///
    /// An address behind `recipient:` is a recipient, whose hash is searched for; any other text behind it is such a hash itself.
    package init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), let kind = Kind(rawValue: String(text[..<colon])) else { return nil }
        let name = String(text[text.index(after: colon)...])
        guard !name.isEmpty else { return nil }
        switch kind {
        case .recipient where name.contains("@"):
            guard let address = try? EmailAddress(name) else { return nil }
            self = .recipient(address)
        case .domain: self = .named(kind, (try? DomainName(name))?.description ?? name)
        case .sender: self = .named(kind, (try? EmailAddress(name))?.description ?? name)
        case .recipient: self = .named(kind, name.lowercased())
        case .account, .key, .user, .template, .endpoint, .dashboard, .counters, .database: self = .named(kind, name)
        }
    }

    /// A domain.
    package static func domain(_ name: DomainName) -> AuditTarget { .named(.domain, name.description) }
    /// An account, by its reference.
    package static func account(_ reference: String) -> AuditTarget { .named(.account, reference) }
    /// An API key.
    package static func key(_ id: Int64) -> AuditTarget { .named(.key, String(id)) }
    /// A person who signs in.
    package static func user(_ id: Int64) -> AuditTarget { .named(.user, String(id)) }
    /// A single sender.
    ///
    /// It is the customer's own address, not a recipient's.
    package static func sender(_ address: EmailAddress) -> AuditTarget { .named(.sender, address.description) }
    /// A template of an account.
    package static func template(_ name: String) -> AuditTarget { .named(.template, name) }
    /// A callback endpoint.
    package static func endpoint(_ id: Int64) -> AuditTarget { .named(.endpoint, String(id)) }
    /// The dashboard, to which somebody signs in.
    package static let dashboard = AuditTarget.named(.dashboard, "session")
    /// The database as a whole.
    package static let database = AuditTarget.named(.database, "all")
    /// The counters of all domains.
    package static func counters(_ period: String) -> AuditTarget { .named(.counters, period) }
}

/// A value before or after a change.
package enum AuditValue: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    case null
    case list([AuditValue])
    /// The address of a recipient, which is stored masked and as a keyed hash: ``hashed(masked:hash:)``.
    case recipient(EmailAddress)
    /// The URL of a callback, which is stored without its user information, and with its query as `?***`: either may have a token.
    case url(String)
    /// An address as the log has it: `j***@example.org`, and the hexadecimal HMAC by which rows of the same address are found.
    case hashed(masked: String, hash: String)

    /// A text; ``null`` for `nil`.
    package static func optional(_ text: String?) -> AuditValue { text.map(AuditValue.string) ?? .null }
    /// An integer; ``null`` for `nil`.
    package static func optional(_ number: Int64?) -> AuditValue { number.map(AuditValue.integer) ?? .null }
    /// A time in RFC 3339; ``null`` for `nil`.
    package static func optional(_ time: Timestamp?) -> AuditValue { .optional(time?.description) }
    /// A list of texts.
    package static func strings(_ texts: some Sequence<String>) -> AuditValue { .list(texts.map(AuditValue.string)) }
}

extension AuditValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByNilLiteral
{
    /// ``string(_:)``.
    package init(stringLiteral value: String) { self = .string(value) }
    /// ``integer(_:)``.
    package init(integerLiteral value: Int64) { self = .integer(value) }
    /// ``number(_:)``.
    package init(floatLiteral value: Double) { self = .number(value) }
    /// ``boolean(_:)``.
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// ``list(_:)``.
    package init(arrayLiteral elements: AuditValue...) { self = .list(elements) }
    /// ``null``.
    package init(nilLiteral: ()) { self = .null }
}
