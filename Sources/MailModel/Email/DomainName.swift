/// A domain name in its ASCII form, lower case, without the root's dot: `xn--bcher-kva.example`.
public struct DomainName: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// Takes a name that was validated before, as it comes out of the database.
    public init(validated name: String) {
        description = name
    }

    /// Why a text is no domain name: a sentence for people that says what was expected.
    public struct Invalid: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// Validates, lower-cases and IDNA-encodes a name.
    public init(_ text: String) throws(Invalid) {
        description = text.lowercased()
    }
}
