/// An entry of an account's suppression list, as it is stored.
package struct Suppression: Sendable, Equatable, Identifiable {
    /// The source of an entry.
    package enum Source: String, Sendable, CaseIterable {
        /// SES reported a bounce or a complaint.
        case feedback
        /// The recipient followed the unsubscribe link of an email.
        case link
        /// The customer or the operator added it by the API or the dashboard.
        case api
        /// It was imported from a file.
        case `import`
    }

    /// The id in the database.
    package var id: Int64
    /// The account's reference, `userName` in the API of emails.
    package var userName: String
    /// Who must not be mailed, by whom, and why.
    package var entry: SuppressionEntry
    /// Its source.
    package var source: Source
    /// When it was added.
    package var createdAt: Timestamp

    /// An entry with these values.
    package init(id: Int64, userName: String, entry: SuppressionEntry, source: Source, createdAt: Timestamp) {
        self.id = id
        self.userName = userName
        self.entry = entry
        self.source = source
        self.createdAt = createdAt
    }
}

/// The filter of a list of entries; a property that is `nil` matches all.
package struct SuppressionFilter: Sendable, Equatable {
    /// Entries of this address.
    package var address: EmailAddress?
    /// Entries of this scope.
    package var scope: SuppressionEntry.Scope?
    /// Entries for this sender.
    package var sender: EmailAddress?
    /// Entries of this reason.
    package var reason: SuppressionReason?

    /// A filter that all entries match.
    package init() {}

    /// The filter as several ones, each of one scope and one reason: the index is ordered by them.
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
