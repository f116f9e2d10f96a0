/// The columns of a file of suppressed addresses: of our own export or of another service's.
package struct SuppressionColumns: Sendable, Equatable {
    /// A field of an entry; the name is that of the column in our own files.
    package enum Column: String, Sendable, CaseIterable {
        case address, scope, sender, reason, note
    }

    /// The column of each field of a line; `nil` for one that is ignored.
    package let columns: [Column?]
    /// The names of the columns that are ignored, as the file has them.
    package let ignored: [String]

    /// Why a line is no line of column names.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        /// The fault, in a sentence.
        package let description: String
    }

    /// Reads the line of names.
    ///
    /// Case, blanks and punctuation do not matter. Our own name for a column wins over another service's, and the first of several over the
    /// others, which are ignored.
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
            throw Invalid(description: "the column address is missing, found \(names.joined(separator: ", ").quoted)")
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

    /// Reads a line's fields.
    ///
    /// Blanks and invisible characters around them do not matter.
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
