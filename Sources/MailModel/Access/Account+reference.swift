extension Account {
    /// Who owns a domain that the master makes for nobody in particular.
    package static let defaultReference = "default"

    /// The most bytes a reference may have, in UTF-8.
    package static let maximumReferenceLength = 255

    /// Whether a text can name an account (`partner_ref`): not empty, at most ``maximumReferenceLength`` bytes, no white space around it
    /// and no control characters, which would break logs and CSV.
    package static func isReference(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        return text.utf8.count <= maximumReferenceLength
            && !first.properties.isWhitespace && !last.properties.isWhitespace
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
