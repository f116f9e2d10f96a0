/// A policy that says which servers may send for a domain (SPF, RFC 7208).
package struct SPFRecord: Sendable, Equatable {
    /// The result for a server that a mechanism matches.
    package enum Qualifier: Character, Sendable {
        case pass = "+"
        case fail = "-"
        case softFail = "~"
        case neutral = "?"
    }

    /// A mechanism; names in it may have macros (RFC 7208 section 7).
    package enum Mechanism: Sendable, Equatable {
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

    /// A mechanism with its qualifier.
    package struct Directive: Sendable, Equatable {
        /// The result for a server that the mechanism matches.
        package var qualifier: Qualifier
        /// Which servers it matches.
        package var mechanism: Mechanism

        /// A directive.
        package init(_ qualifier: Qualifier, _ mechanism: Mechanism) {
            self.qualifier = qualifier
            self.mechanism = mechanism
        }
    }

    /// The directives in their order, up to the first `all`, behind which none is evaluated.
    package var directives: [Directive]
    /// The domain whose policy applies where no mechanism matches; `nil` behind an `all`.
    package var redirect: String?

    /// The most mechanisms and modifiers that query the DNS, including those of included policies (RFC 7208 section 4.6.4).
    package static let mostLookups = 10

    /// The lookups that it needs by itself.
    package var lookups: Int {
        directives.count { $0.mechanism.asksDNS } + (redirect == nil ? 0 : 1)
    }

    /// The names whose policies belong to this one.
    package var references: [String] {
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
