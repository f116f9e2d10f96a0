import MailModel

/// An SPF policy with those that it includes, evaluated as a receiver does for a message that Amazon SES sends (RFC 7208 section 4.6 and 5).
///
/// Addresses are not known here: `a`, `mx`, `ptr`, `exists`, `ip4` and `ip6` count as not fitting SES, unless they fit every address.
struct SPFTree: Sendable {
    /// What SES asks to be included.
    static let amazon = "amazonses.com"

    /// At least so many, of all policies: counting ends when there are too many.
    private(set) var lookups = 0
    /// What is said of SES; `nil` where no mechanism fits it, or where it is not known.
    private(set) var verdict: SPFRecord.Qualifier?
    /// SES is allowed by a mechanism that every address fits.
    private(set) var allowsEveryone = false
    /// An `include` of SES's policy behind a qualifier other than `+`, or below one: `?include:amazonses.com`.
    private(set) var powerlessInclude: String?
    /// What a receiver takes for a permanent error, in a sentence.
    private(set) var fault: String?
    /// The DNS did not say everything.
    private(set) var isIncomplete = false

    private let lookup: RecordLookup

    private init(lookup: RecordLookup) {
        self.lookup = lookup
    }

    /// Looks at a policy and, as far as they can be, at those that it includes.
    static func look(at record: SPFRecord, with lookup: RecordLookup) async -> SPFTree {
        var tree = SPFTree(lookup: lookup)
        tree.verdict = await tree.verdict(of: record)
        return tree
    }

    /// What a policy says of SES. Terms behind the one that decides are looked at too, for the lookups that other senders' mail takes.
    private mutating func verdict(of record: SPFRecord) async -> SPFRecord.Qualifier? {
        lookups += record.lookups
        guard lookups <= SPFRecord.mostLookups else {
            fault = "it takes more than \(SPFRecord.mostLookups) lookups, at which receivers stop"
            return nil
        }
        var verdict: SPFRecord.Qualifier?
        for directive in record.directives where fault == nil {
            let fits = await fits(directive)
            guard fits, verdict == nil else { continue }
            verdict = directive.qualifier
            if directive.qualifier == .pass, directive.mechanism.fitsEveryone { allowsEveryone = true }
        }
        guard let target = record.redirect, fault == nil else { return verdict }
        let redirected = target == Self.amazon ? .pass : await self.verdict(ofPolicyAt: target)
        return verdict ?? redirected
    }

    /// Whether a mechanism fits SES. `include` does where the policy it names says `pass`, and for no other result (RFC 7208 section 5.2).
    private mutating func fits(_ directive: SPFRecord.Directive) async -> Bool {
        guard case .include(let name) = directive.mechanism else { return directive.mechanism.fitsEveryone }
        let fits: Bool
        if name == Self.amazon {
            fits = true
        } else {
            fits = await verdict(ofPolicyAt: name) == .pass
        }
        if fits, directive.qualifier != .pass, powerlessInclude == nil {
            powerlessInclude = "\(directive.qualifier.rawValue)include:\(name)"
        }
        return fits
    }

    private mutating func verdict(ofPolicyAt name: String) async -> SPFRecord.Qualifier? {
        // With a macro the name is known only with a message at hand.
        guard !name.contains("%"), let record = await policy(of: name) else { return nil }
        return await verdict(of: record)
    }

    private mutating func policy(of name: String) async -> SPFRecord? {
        guard let texts = await lookup.texts(name) else {
            isIncomplete = true
            return nil
        }
        let policies = texts.filter(SPFRecord.isOne)
        guard let text = policies.first, policies.count == 1 else {
            fault = "it refers to \(name), which has \(policies.isEmpty ? "no policy" : "more than one")"
            return nil
        }
        do throws(SPFRecord.Malformed) {
            return try SPFRecord(parsing: text)
        } catch {
            fault = "it refers to \(name), whose policy is not valid: \(error)"
            return nil
        }
    }
}

extension SPFRecord.Mechanism {
    /// Every address, IPv4 at least, which is what SES sends from.
    fileprivate var fitsEveryone: Bool {
        switch self {
        case .all: true
        case .ip4(let network): network.hasSuffix("/0")
        default: false
        }
    }
}
