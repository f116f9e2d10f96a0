/// An entry of a suppression list: who must not be mailed, by whom, and why (specification 9.1).
package struct SuppressionEntry: Sendable, Equatable {
    /// The senders that an entry holds for.
    package enum Scope: String, Sendable, CaseIterable {
        /// No sender of the account may mail the address.
        case account
        /// One sender may not: each sender has a list of its own (specification 9.1).
        case sender
    }

    /// Who must not be mailed.
    package var address: EmailAddress
    /// The sender that it holds for; `nil` for all of the account.
    package var sender: EmailAddress?
    /// Why.
    package var reason: SuppressionReason
    /// A note of who added it; `nil` for none.
    package var note: String?

    /// The senders that it holds for.
    package var scope: Scope { sender == nil ? .account : .sender }

    /// An entry with these values.
    package init(address: EmailAddress, sender: EmailAddress? = nil, reason: SuppressionReason, note: String? = nil) {
        self.address = address
        self.sender = sender
        self.reason = reason
        self.note = note
    }
}

extension SuppressionEntry {
    /// Why the texts are no valid entry.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        /// The field that is at fault, or `line`.
        package var field: String
        /// What was expected of it.
        package var explanation: String
        /// `field: explanation`.
        package var description: String { "\(field): \(explanation)" }

        /// A fault of a field.
        package init(field: String, explanation: String) {
            self.field = field
            self.explanation = explanation
        }
    }

    /// The most bytes a note may have, in UTF-8.
    package static let maximumNoteLength = 1000

    /// Reads an entry.
    ///
    /// An empty text counts as one that is not given.
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

extension SuppressionEntry.Invalid: RefusalConvertible {
    /// 422 with the field.
    package var refusal: Refusal? { .invalid(field, explanation) }
}
