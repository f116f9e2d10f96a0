import MailModel

/// An SPF policy and those it includes, evaluated as a receiver does for a message from Amazon SES (RFC 7208 sections 4.6 and 5).
///
/// The sending addresses are not known here: `a`, `mx`, `ptr`, `exists`, `ip4` and `ip6` count as not matching SES, unless they match every
/// address.
struct SPFTree: Sendable {
    /// The domain whose policy SES requires to be included.
    static let amazon = "amazonses.com"

    /// The DNS lookups of all policies; counting ends above the limit of a receiver.
    private(set) var lookups = 0
    /// The result for SES; `nil` where no mechanism matches it, or where it is not known.
    private(set) var verdict: SPFRecord.Qualifier?
    /// Whether SES is allowed by a mechanism that matches every address.
    private(set) var allowsEveryone = false
    /// An `include` of SES's policy behind a qualifier other than `+`, or below one: `?include:amazonses.com`.
    private(set) var powerlessInclude: String?
    /// What a receiver treats as a permanent error, in a sentence.
    private(set) var fault: String?
    /// Whether a DNS query was not answered.
    private(set) var isIncomplete = false

    private let lookup: RecordLookup

    private init(lookup: RecordLookup) {
        self.lookup = lookup
    }

    /// Evaluates a policy and, as far as the DNS answers, those that it includes.
    static func evaluate(_ record: SPFRecord, with lookup: RecordLookup) async -> SPFTree {
        var tree = SPFTree(lookup: lookup)
        tree.verdict = await tree.verdict(of: record)
        return tree
    }

    /// Returns the result of a policy for SES.
    ///
    /// Terms behind the deciding one are evaluated too, for the lookups that mail of other senders needs.
    private mutating func verdict(of record: SPFRecord) async -> SPFRecord.Qualifier? {
        lookups += record.lookups
        guard lookups <= SPFRecord.mostLookups else {
            fault = "it takes more than \(SPFRecord.mostLookups) lookups, at which receivers stop"
            return nil
        }
        var verdict: SPFRecord.Qualifier?
        for directive in record.directives where fault == nil {
            let matches = await matches(directive)
            guard matches, verdict == nil else { continue }
            verdict = directive.qualifier
            if directive.qualifier == .pass, directive.mechanism.matchesEveryone { allowsEveryone = true }
        }
        guard let target = record.redirect, fault == nil else { return verdict }
        let redirected = target == Self.amazon ? .pass : await self.verdict(ofPolicyAt: target)
        return verdict ?? redirected
    }

    /// Whether a mechanism matches SES.
    ///
    /// `include` matches where the result of the policy it names is `pass` (RFC 7208 section 5.2).
    private mutating func matches(_ directive: SPFRecord.Directive) async -> Bool {
        guard case .include(let name) = directive.mechanism else { return directive.mechanism.matchesEveryone }
        let matches: Bool
        if name == Self.amazon {
            matches = true
        } else {
            matches = await verdict(ofPolicyAt: name) == .pass
        }
        if matches, directive.qualifier != .pass, powerlessInclude == nil {
            powerlessInclude = "\(directive.qualifier.rawValue)include:\(name)"
        }
        return matches
    }

    private mutating func verdict(ofPolicyAt name: String) async -> SPFRecord.Qualifier? {
        // The name is not known where it has a macro, which is expanded for each message.
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
    /// Whether every address matches: at least every IPv4 address, which is what SES sends from.
    fileprivate var matchesEveryone: Bool {
        switch self {
        case .all: true
        case .ip4(let network): network.hasSuffix("/0")
        default: false
        }
    }
}
