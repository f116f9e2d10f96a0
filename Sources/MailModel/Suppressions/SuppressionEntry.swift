/// Who must not be mailed, by whom, and why (specification 9.1).
package struct SuppressionEntry: Sendable, Equatable {
    /// For whom an entry holds.
    package enum Scope: String, Sendable, CaseIterable {
        /// No sender of the account may mail the address.
        case account
        /// One sender must not: each sender has a list of its own (specification 9.1).
        case sender
    }

    package var address: EmailAddress
    /// Only this sender must not mail it; `nil` for all of the account.
    package var sender: EmailAddress?
    package var reason: SuppressionReason
    package var note: String?

    package var scope: Scope { sender == nil ? .account : .sender }

    package init(address: EmailAddress, sender: EmailAddress? = nil, reason: SuppressionReason, note: String? = nil) {
        self.address = address
        self.sender = sender
        self.reason = reason
        self.note = note
    }
}

extension SuppressionEntry {
    /// Why texts are no entry: names the field and says what was expected.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        package var field: String
        package var explanation: String
        package var description: String { "\(field): \(explanation)" }

        package init(field: String, explanation: String) {
            self.field = field
            self.explanation = explanation
        }
    }

    /// The most bytes a note may have, in UTF-8.
    package static let maximumNoteLength = 1000

    /// Reads an entry as people write it. A text that is empty stands for one that is not given.
    ///
    /// - Parameters:
    ///   - scope: follows from `sender` when it is not given.
    ///   - reason: `manual` when it is not given.
    package init(address: String, scope: String?, sender: String?, reason: String?, note: String?) throws(Invalid) {
        self.address = try Self.address(address, in: "address")
        let scope: Scope? = try Self.word(scope, in: "scope")
        let sender = sender.flatMap { $0.isEmpty ? nil : $0 }
        if scope == .account, sender != nil {
            throw Invalid(field: "sender", explanation: "only an entry of the scope sender has one")
        }
        if scope == .sender, sender == nil {
            throw Invalid(field: "sender", explanation: "missing, the scope sender needs the sender's address")
        }
        if let sender { self.sender = try Self.address(sender, in: "sender") }
        self.reason = try Self.word(reason, in: "reason") ?? .manual
        self.note = try Self.note(note)
    }

    private static func address(_ text: String, in field: String) throws(Invalid) -> EmailAddress {
        do {
            return try EmailAddress(text)
        } catch {
            throw Invalid(field: field, explanation: error.description)
        }
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ text: String?, in field: String
    ) throws(Invalid) -> Word? {
        guard let text, !text.isEmpty else { return nil }
        guard let word = Word(rawValue: text) else {
            throw Invalid(field: field, explanation: "expected one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    private static func note(_ text: String?) throws(Invalid) -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard text.utf8.count <= maximumNoteLength else {
            throw Invalid(field: "note", explanation: "expected at most \(maximumNoteLength) bytes, found \(text.utf8.count)")
        }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control || "\t\r\n".unicodeScalars.contains($0) }) else {
            throw Invalid(field: "note", explanation: "expected text without control characters")
        }
        return text
    }
}
