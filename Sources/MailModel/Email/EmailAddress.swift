/// A mailbox address, `local@domain` (RFC 5321 section 4.1.2), its domain in ASCII form and lower case.
public struct EmailAddress: Sendable, Hashable, CustomStringConvertible {
    /// The part before the at sign, as given: its case is the receiving server's business.
    public let localPart: String
    public let domain: DomainName

    public struct Invalid: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    public var description: String { localPart + "@" + domain.description }

    /// Takes an address that was validated before, as it comes out of the database.
    public init(validated address: String) {
        let at = address.lastIndex(of: "@") ?? address.endIndex
        localPart = String(address[..<at])
        domain = DomainName(validated: String(address[at...].dropFirst()))
    }

    public init(_ text: String) throws(Invalid) {
        self.init(validated: text)
    }

    /// The form under which suppressions are kept and compared: all lower case.
    public var suppressionKey: String { description.lowercased() }
}
