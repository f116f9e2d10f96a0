/// An address with the display name that mail programs show in its place (RFC 5322 section 3.4).
package struct Mailbox: Sendable, Hashable {
    /// The most Unicode code points of a name.
    package static let maximumNameLength = 200

    /// The display name; `nil` where there is none.
    package var name: String?
    /// The address.
    package var address: EmailAddress

    /// A mailbox of these values.
    package init(name: String? = nil, address: EmailAddress) {
        self.name = name
        self.address = address
    }
}

extension Mailbox: CustomStringConvertible {
    /// The name and the address in angle brackets, for people: neither quoted nor encoded.
    package var description: String {
        name.map { "\($0) <\(address)>" } ?? address.description
    }
}

extension Mailbox {
    /// Returns what is wrong with a display name, for the end of a sentence; `nil` where it may stand in a header field.
    ///
    /// Line separators of Unicode are refused like line breaks: some programs take them for such.
    package static func fault(ofName name: String) -> String? {
        do throws(HeaderText.Invalid) {
            try HeaderText.check(name, in: "the name")
        } catch {
            return error.description
        }
        if name.unicodeScalars.contains(where: { $0 == "\u{2028}" || $0 == "\u{2029}" }) {
            return "the name must not have a line separator"
        }
        let length = name.unicodeScalars.count
        return length > maximumNameLength ? "expected a name of at most \(maximumNameLength) characters, found \(length)" : nil
    }
}
