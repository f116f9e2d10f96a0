/// A policy that says which servers may send for a domain (SPF, RFC 7208).
public struct SPFRecord: Sendable, Equatable {
    /// What is said of a server that a mechanism fits.
    public enum Qualifier: Character, Sendable {
        case pass = "+"
        case fail = "-"
        case softFail = "~"
        case neutral = "?"
    }

    /// A mechanism; names in it may have macros (RFC 7208 section 7).
    public enum Mechanism: Sendable, Equatable {
        case all
        case include(String)
        /// The domain's own addresses or mail servers, or those of another name.
        case a(String?)
        case mx(String?)
        case ptr(String?)
        case exists(String)
        case ip4(String)
        case ip6(String)
    }

    public struct Directive: Sendable, Equatable {
        public var qualifier: Qualifier
        public var mechanism: Mechanism

        public init(_ qualifier: Qualifier, _ mechanism: Mechanism) {
            self.qualifier = qualifier
            self.mechanism = mechanism
        }
    }

    /// In their order, up to the first `all`: nothing behind it is ever looked at.
    public var directives: [Directive]
    /// Whose policy holds where no mechanism fits; `nil` behind an `all`.
    public var redirect: String?

    /// The most mechanisms and modifiers that ask the DNS, those of included policies counted (RFC 7208 section 4.6.4).
    public static let mostLookups = 10

    /// How many lookups it takes by itself.
    public var lookups: Int {
        directives.count { $0.mechanism.asksDNS } + (redirect == nil ? 0 : 1)
    }

    /// The names whose policies belong to this one.
    public var references: [String] {
        directives.compactMap { if case .include(let name) = $0.mechanism { name } else { nil } } + (redirect.map { [$0] } ?? [])
    }
}

extension SPFRecord.Mechanism {
    fileprivate var asksDNS: Bool {
        switch self {
        case .include, .a, .mx, .ptr, .exists: true
        case .all, .ip4, .ip6: false
        }
    }
}
