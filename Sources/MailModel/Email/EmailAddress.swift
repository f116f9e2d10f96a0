/// A mailbox address, `local@domain` (RFC 5321 section 4.1.2), its domain in ASCII form and lower case.
package struct EmailAddress: Sendable, Hashable, CustomStringConvertible {
    /// The part before the at sign, as given: only the receiving server may interpret its case.
    ///
    /// Needless quotes are removed.
    package let localPart: String
    /// The part behind the at sign.
    package let domain: DomainName

    /// Why a text is no address: a sentence for people that says what was expected.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        /// The fault, in a sentence.
        package let description: String
    }

    /// The address, as it is stored and sent.
    package var description: String { localPart + "@" + domain.description }

    /// An address that was validated before, such as one from the database.
    package init(validated address: String) {
        let at = address.utf8.lastIndex(of: UInt8(ascii: "@")) ?? address.endIndex
        localPart = String(address[..<at])
        domain = DomainName(validated: String(address.utf8[at...].dropFirst()) ?? "")
    }

    /// Validates a bare address: no display name, no comments, no address literal.
    ///
    /// The local part has at most 64 octets, the whole at most 254 (RFC 5321 section 4.5.3.1, RFC 3696 erratum 1690).
    /// Letters beyond ASCII are allowed in the domain only: SES does not support SMTPUTF8.
    package init(_ text: String) throws(Invalid) {
        let bytes = text.utf8
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { throw Self.missingAt(text) }
        let local = bytes[..<at]
        localPart = Self.isDotAtom(local) ? String(text[..<at]) : try Self.unquoted(local, of: text)
        let name = bytes[bytes.index(after: at)...]
        if DomainName.isPlain(name) {
            domain = DomainName(validated: String(text[name.startIndex...]))
        } else {
            domain = try Self.domain(String(text[name.startIndex...]))
        }
        guard localPart.utf8.count <= Self.maximumLocalLength else {
            throw Invalid(description: "The part before the @ must not be longer than \(Self.maximumLocalLength) characters.")
        }
        guard localPart.utf8.count + 1 + domain.description.utf8.count <= Self.maximumLength else {
            throw Invalid(description: "An email address must not be longer than \(Self.maximumLength) characters.")
        }
    }

    private static let maximumLocalLength = 64
    private static let maximumLength = 254

    private static func domain(_ text: String) throws(Invalid) -> DomainName {
        do throws(DomainName.Invalid) {
            return try DomainName(text)
        } catch {
            throw Invalid(description: error.description)
        }
    }

    private static func missingAt(_ text: String) -> Invalid {
        Invalid(
            description: text.isEmpty
                ? "An email address must not be empty."
                : "\(text.quoted) is not an email address: expected an @, as in user@example.com.")
    }

    /// The form in which suppressions are stored and compared: all lower case.
    package var suppressionKey: String { description.lowercased() }

    /// The address with the first character of its local part alone, `j***@example.org`; with none of a local part of one character.
    package var masked: String {
        "\(localPart.count > 1 ? localPart.prefix(1) : "")***@\(domain)"
    }
}
