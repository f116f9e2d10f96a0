/// An entry of an account's suppression list, as it is kept.
package struct Suppression: Sendable, Equatable, Identifiable {
    /// How an entry came about.
    package enum Source: String, Sendable, CaseIterable {
        /// SES reported a bounce or a complaint.
        case feedback
        /// The recipient followed the unsubscribe link of an email.
        case link
        /// The customer or the operator, one by one.
        case api
        /// One of a file.
        case `import`
    }

    package var id: Int64
    /// The account's reference, `userName` in the API of emails.
    package var userName: String
    package var entry: SuppressionEntry
    package var source: Source
    package var createdAt: Timestamp

    package init(id: Int64, userName: String, entry: SuppressionEntry, source: Source, createdAt: Timestamp) {
        self.id = id
        self.userName = userName
        self.entry = entry
        self.source = source
        self.createdAt = createdAt
    }
}

/// Which entries of a list to show; what is `nil` does not matter.
package struct SuppressionFilter: Sendable, Equatable {
    package var address: EmailAddress?
    package var scope: SuppressionEntry.Scope?
    package var sender: EmailAddress?
    package var reason: SuppressionReason?

    package init() {}

    /// The same as several filters, each with one scope and one reason: a list lies in its index in these parts.
    package var parts: [SuppressionFilter] {
        // An entry for a sender is of no other scope.
        let scopes = SuppressionEntry.Scope.allCases.filter { (scope ?? $0) == $0 && (sender == nil || $0 == .sender) }
        let reasons = reason.map { [$0] } ?? SuppressionReason.allCases
        return scopes.flatMap { scope in
            reasons.map { reason in
                var part = self
                (part.scope, part.reason) = (scope, reason)
                return part
            }
        }
    }
}
