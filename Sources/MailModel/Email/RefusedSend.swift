/// A request to send an email that was refused: what its sender needs to find out why (specification 5.13).
package struct RefusedSend: Sendable, Equatable {
    /// The most characters of what a request says: more than an address may have.
    private static let longestAddress = 320
    private static let longestExplanation = 500

    /// The id, by which refusals sort by their time.
    package var id: RefusalID
    /// The account whose key was used; `nil` for the operator's token.
    package var accountID: Int64?
    /// The name of the key, `master` for the operator's token.
    package var keyName: String
    /// The recipient, as the address or what was given in its place; `nil` where the request names none.
    package var recipient: String?
    /// The sender, as ``recipient``.
    package var sender: String?
    /// The status that the API answers for it.
    package var httpStatus: Int
    /// The stable word for the reason: a ``RefusalCode``, also of other versions.
    package var code: String
    /// Why it was refused, in a sentence.
    package var explanation: String

    /// A refusal with these values, as they are stored.
    package init(
        id: RefusalID, accountID: Int64?, keyName: String, recipient: String?, sender: String?, httpStatus: Int, code: String,
        explanation: String
    ) {
        self.id = id
        self.accountID = accountID
        self.keyName = keyName
        self.recipient = recipient
        self.sender = sender
        self.httpStatus = httpStatus
        self.code = code
        self.explanation = explanation
    }

    /// A refusal of a request, whose texts are shortened and have no control characters.
    package init(
        id: RefusalID, by principal: Principal, recipient: String?, sender: String?, httpStatus: Int, code: RefusalCode, explanation: String
    ) {
        self.init(
            id: id, accountID: principal.accountID, keyName: Self.shown(principal.operatorName, upTo: Self.longestAddress),
            recipient: recipient.map { Self.shown($0, upTo: Self.longestAddress) },
            sender: sender.map { Self.shown($0, upTo: Self.longestAddress) }, httpStatus: httpStatus, code: code.rawValue,
            explanation: Self.shown(explanation, upTo: Self.longestExplanation))
    }

    /// When it was refused.
    package var at: Timestamp { id.uuid.time }

    private static func shown(_ text: String, upTo limit: Int) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(limit) {
            shown.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
        }
        return String(shown)
    }
}

/// The id of a refusal.
package struct RefusalID: TimeOrderedID {
    /// The UUID.
    package let uuid: EmailID

    /// The id of this UUID.
    package init(uuid: EmailID) {
        self.uuid = uuid
    }
}
