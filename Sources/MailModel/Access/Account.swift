/// A customer ("partner"): owns domains, keys, emails and suppressions (specification 8.1).
package struct Account: Sendable, Equatable, Identifiable {
    /// What the account's reputation allows (specification 8.1).
    package enum Status: String, Sendable, CaseIterable {
        case ok, warning, blocked
    }

    /// The id in the database.
    package var id: Int64
    /// The operator's own name for the customer, `partner_ref`; `userName` in the API of emails.
    package var reference: String
    /// What the account's reputation allows at present.
    package var status: Status
    /// When it was created.
    package var createdAt: Timestamp

    /// An account with these values.
    package init(id: Int64, reference: String, status: Status, createdAt: Timestamp) {
        self.id = id
        self.reference = reference
        self.status = status
        self.createdAt = createdAt
    }
}

extension Account {
    /// The owner of domains that the master creates without naming one.
    package static let defaultReference = "default"

    /// The owner of the emails that the program itself sends: they count for no customer.
    package static let systemReference = "martlet:system"

    /// The most bytes a reference may have, in UTF-8.
    package static let maximumReferenceLength = 255

    /// Whether a text can be the reference of an account (`partner_ref`): not empty, at most ``maximumReferenceLength`` bytes, no white space around it
    /// and no control characters, which would break logs and CSV.
    package static func isReference(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        return text.utf8.count <= maximumReferenceLength
            && !first.properties.isWhitespace && !last.properties.isWhitespace
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
