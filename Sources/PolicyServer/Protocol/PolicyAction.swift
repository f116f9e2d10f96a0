/// The action that the mail server is asked to take, one of access(5), with its text.
package struct PolicyAction: Sendable, Equatable, CustomStringConvertible {
    /// The actions that are used.
    package enum Verb: String, Sendable, CaseIterable {
        /// No objection: the mail server goes on with its other restrictions.
        case dunno = "DUNNO"
        /// No objection, and the text is prepended to the message as a header.
        case prepend = "PREPEND"
        /// Refused permanently: the sender gets a bounce.
        case reject = "REJECT"
        /// Refused temporarily: the client keeps the message and tries again later.
        case deferIfPermit = "DEFER_IF_PERMIT"
    }

    /// The action's name.
    package let verb: Verb
    /// The text behind the name: one line of printable ASCII, or empty.
    package let text: String

    /// Within the 512 bytes that SMTP allows for the line of a reply, less its code and what Postfix adds (RFC 5321 section 4.5.3.1.5).
    private static let longestText = 400

    /// Creates an action.
    ///
    /// - Parameter text: other bytes than printable ASCII are replaced: behind a line feed it would be a reply of its own.
    package init(_ verb: Verb, _ text: String = "") {
        self.verb = verb
        let plain = text.utf8.lazy.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        self.text = String(decoding: plain.prefix(Self.longestText), as: UTF8.self)
    }

    /// No objection, without a text.
    package static let dunno = PolicyAction(.dunno)

    /// Name and text, in the form of the reply, in which it is stored too.
    package var description: String {
        text.isEmpty ? verb.rawValue : "\(verb.rawValue) \(text)"
    }

    /// Parses a ``description``; `nil` where it is none.
    package init?(_ description: String) {
        let parts = description.split(separator: " ", maxSplits: 1)
        guard let word = parts.first, let verb = Verb(rawValue: String(word)) else { return nil }
        self.init(verb, parts.count > 1 ? String(parts[1]) : "")
    }

    /// The reply: one attribute and the empty line that ends it.
    package var encoded: String { "action=\(description)\n\n" }
}
