/// What the columns of a file of suppressed addresses hold: ours, and those that other services export.
package struct SuppressionColumns: Sendable, Equatable {
    package enum Column: String, Sendable, CaseIterable {
        case address, scope, sender, reason, note
    }

    /// What each field of a line is; `nil` for one that is passed over.
    package let columns: [Column?]
    /// The names of the columns that are passed over, as the file has them.
    package let ignored: [String]

    /// Why a line of names is none: a sentence for people.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Reads the line of names. Case, blanks and punctuation do not matter. Our own name for a column goes before another's,
    /// and the first of several before the others, which are passed over.
    package init(names: [String]) throws(Invalid) {
        let names = names.map(\.trimmedOfInvisibles)
        let words = names.map { String($0.lowercased().filter { $0.isLetter || $0.isNumber }) }
        var columns = words.map { Column(rawValue: $0) }
        for (index, column) in columns.enumerated() {
            guard let column, columns[..<index].contains(column) else { continue }
            throw Invalid(description: "the column \(column.rawValue) is named twice")
        }
        for (index, word) in words.enumerated() where columns[index] == nil {
            if let column = Self.aliases[word], !columns.contains(column) { columns[index] = column }
        }
        guard columns.contains(.address) else {
            throw Invalid(description: "the column address is missing, found \(quoted(names.joined(separator: ", ")))")
        }
        self.columns = columns
        ignored = zip(names, columns).compactMap { $1 == nil && !$0.isEmpty ? $0 : nil }
    }

    /// The columns of a file without a line of names: ours in their order, or an address and a reason where its first line has a reason there.
    package init(firstLine fields: [String]) {
        let second = fields.dropFirst().first?.trimmedOfInvisibles ?? ""
        let hasReason = SuppressionEntry.Scope(rawValue: second.lowercased()) == nil && SuppressionReason.imported(second) != nil
        columns = hasReason ? [.address, .reason, .note] : Column.allCases
        ignored = []
    }

    private static let aliases: [String: Column] = [
        "email": .address, "emailaddress": .address, "mail": .address, "recipient": .address, "recipientaddress": .address,
        "recipientemail": .address, "subscriber": .address, "type": .reason, "suppressionreason": .reason, "bouncetype": .reason,
        "status": .reason, "notes": .note, "comment": .note, "description": .note,
    ]

    /// Reads a line's fields. Blanks and invisible characters around them do not matter.
    package func entry(_ fields: [String]) throws(SuppressionEntry.Invalid) -> SuppressionEntry {
        let fields = fields.map(\.trimmedOfInvisibles)
        guard fields.dropFirst(columns.count).allSatisfy(\.isEmpty) else {
            throw SuppressionEntry.Invalid(field: "line", explanation: "expected \(columns.count) fields, found \(fields.count)")
        }
        func field(_ column: Column) -> String? {
            guard let index = columns.firstIndex(of: column), index < fields.count else { return nil }
            return fields[index]
        }
        let reason = field(.reason)
        return try SuppressionEntry(
            address: field(.address) ?? "", scope: field(.scope)?.lowercased(), sender: field(.sender),
            reason: reason.flatMap(SuppressionReason.imported)?.rawValue ?? reason, note: field(.note))
    }
}
