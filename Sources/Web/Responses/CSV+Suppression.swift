package import MailModel

extension CSV {
    /// The columns of a suppression list, for import and export (specification 9.2).
    package static let suppressionColumns = ["address", "scope", "sender", "reason", "note"]

    /// A list with its header and nothing behind it yet.
    package static var suppressions: CSV { CSV(header: suppressionColumns) }

    /// An export has the columns that an import reads, and nothing else, so that it can be taken in elsewhere.
    package mutating func append(_ suppression: Suppression) {
        let entry = suppression.entry
        append([
            entry.address.description, entry.scope.rawValue, entry.sender?.description ?? "", entry.reason.rawValue, entry.note ?? "",
        ])
    }
}
