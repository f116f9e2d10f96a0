/// A customer ("partner"): owns domains, keys, emails and suppressions (specification 8.1).
package struct Account: Sendable, Equatable, Identifiable {
    /// What the account's reputation allows (specification 8.1).
    package enum Status: String, Sendable, CaseIterable {
        case ok, warning, blocked
    }

    package var id: Int64
    /// The operator's own name for the customer, `partner_ref`; `userName` in the API of emails.
    package var reference: String
    package var status: Status
    package var createdAt: Timestamp

    package init(id: Int64, reference: String, status: Status, createdAt: Timestamp) {
        self.id = id
        self.reference = reference
        self.status = status
        self.createdAt = createdAt
    }
}
