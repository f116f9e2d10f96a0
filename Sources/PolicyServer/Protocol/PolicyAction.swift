/// What a mail server is told to do with a message: an action of access(5), with its text.
package struct PolicyAction: Sendable, Equatable, CustomStringConvertible {
    package enum Verb: String, Sendable, CaseIterable {
        /// No objection: the mail server goes on with its other restrictions.
        case dunno = "DUNNO"
        /// The same, and the text becomes a header of the message.
        case prepend = "PREPEND"
        /// Refused for good: the sender gets a bounce.
        case reject = "REJECT"
        /// Not now: the client keeps the message and tries again later.
        case deferIfPermit = "DEFER_IF_PERMIT"
    }

    package let verb: Verb
    /// One line of printable ASCII.
    package let text: String

    /// What SMTP allows for a reply's line, with room for the code in front and Postfix's own words (RFC 5321 section 4.5.3.1.5).
    private static let longestText = 400

    /// - Parameter text: whatever it holds, only its printable ASCII goes out: a value with a line feed would be a reply of its own.
    package init(_ verb: Verb, _ text: String = "") {
        self.verb = verb
        let plain = text.utf8.lazy.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        self.text = String(decoding: plain.prefix(Self.longestText), as: UTF8.self)
    }

    package static let dunno = PolicyAction(.dunno)

    /// As it stands behind `action=`, and as it is kept.
    package var description: String {
        text.isEmpty ? verb.rawValue : "\(verb.rawValue) \(text)"
    }

    /// Reads what ``description`` wrote.
    package init?(_ description: String) {
        let parts = description.split(separator: " ", maxSplits: 1)
        guard let word = parts.first, let verb = Verb(rawValue: String(word)) else { return nil }
        self.init(verb, parts.count > 1 ? String(parts[1]) : "")
    }

    /// The reply: one attribute and the empty line that ends it.
    package var encoded: String { "action=\(description)\n\n" }
}
