/// What receivers are to do with mail that claims to be a domain's and is not authenticated (DMARC, RFC 7489).
package struct DMARCRecord: Sendable, Equatable {
    /// What receivers are asked to do with mail that is not authenticated.
    package enum Policy: String, Sendable, CaseIterable {
        /// Nothing: the owner collects reports.
        case none
        case quarantine
        case reject
    }

    /// How near an authenticated name has to be to that in `From`.
    package enum Alignment: String, Sendable, CaseIterable {
        /// The same organization's.
        case relaxed = "r"
        /// The same.
        case strict = "s"
    }

    /// The policy for the domain itself.
    package var policy: Policy
    /// The policy for subdomains without a record of their own, where it differs.
    package var subdomainPolicy: Policy?
    /// How near the domain of a DKIM signature has to be.
    package var dkimAlignment = Alignment.relaxed
    /// How near the envelope sender's domain has to be.
    package var spfAlignment = Alignment.relaxed
    /// The percentage of messages that the policy applies to.
    package var percent: Int64 = 100
    /// The URIs that reports are sent to.
    package var reports: [String] = []
    /// Tags whose values are not valid, each with what was expected: receivers take the default instead (RFC 7489 section 6.3).
    package var ignored: [String] = []

    /// Why a text is no valid record, in a sentence.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        /// The fault, in a sentence.
        package let description: String
    }

    /// Whether a TXT record is meant to be one: it begins with `v=DMARC1`.
    package static func isOne(_ text: String) -> Bool {
        text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first.map { tag($0) }.map { $0 == ("v", "DMARC1") }
            ?? false
    }

    /// Whether a TXT record at `_dmarc.…` that is no DMARC record was meant to be one: receivers ignore it.
    package static func isNearlyOne(_ text: String) -> Bool {
        guard !isOne(text) else { return false }
        let text = text.lowercased().filter { !$0.isWhitespace }
        return text.contains("dmarc") || Policy.allCases.contains { text.contains("p=\($0.rawValue)") }
    }

    /// Why receivers do not recognise a text as a record, in a sentence.
    private static func fault(of text: String) -> String {
        let start = text.filter { !$0.isWhitespace && !"\"'“”„".contains($0) }
        if text.contains(where: { "\"'“”„".contains($0) }), start.hasPrefix("v=DMARC1") { return "there are quotes in it" }
        if start.hasPrefix("v=DMARC1") { return "a semicolon is missing behind v=DMARC1" }
        if start.lowercased().hasPrefix("v=dmarc1") { return "DMARC1 has to be in capitals" }
        return text.contains("DMARC1") ? "v=DMARC1; has to come first" : "it does not begin with v=DMARC1;"
    }

    /// Reads a record as a receiver does (RFC 7489 section 6.3, 6.4 and 6.6.3): unknown tags are ignored, values that are not valid are
    /// replaced by defaults.
    ///
    /// Without a valid policy a receiver acts only where `rua` has an address for reports.
    package init(parsing text: String) throws(Malformed) {
        guard Self.isOne(text) else { throw Malformed(description: Self.fault(of: text)) }
        var values: [String: String] = [:]
        for part in text.split(separator: ";").dropFirst() {
            let (name, value) = Self.tag(part)
            guard !(name.isEmpty && value.isEmpty) else { continue }
            guard values[name] == nil else { throw Malformed(description: "\(name) stands in it twice") }
            values[name] = value
        }
        reports = (values["rua"] ?? "").split(separator: ",").map { Self.trimmed($0) }.filter { !$0.isEmpty }
        let hasReports = reports.contains { $0.lowercased().hasPrefix("mailto:") }
        guard let policy = try Self.policy(values["p"], "p", hasReports) else {
            throw Malformed(description: "p, the policy, is missing, \(Self.consequence(hasReports))")
        }
        self.policy = policy
        subdomainPolicy = try Self.policy(values["sp"], "sp", hasReports)
        dkimAlignment = choice(values["adkim"], "adkim") ?? .relaxed
        spfAlignment = choice(values["aspf"], "aspf") ?? .relaxed
        percent = percent(values["pct"])
    }

    private static func policy(_ value: String?, _ tag: String, _ hasReports: Bool) throws(Malformed) -> Policy? {
        guard let value else { return nil }
        if let policy = Policy(rawValue: value.lowercased()) { return policy }
        throw Malformed(description: "\(tag) is none of \(words(Policy.self)), \(consequence(hasReports))")
    }

    private static func consequence(_ hasReports: Bool) -> String {
        hasReports ? "so that receivers act as if it were p=none" : "so that receivers ignore the record"
    }

    /// `name=value`, without the blanks around both.
    private static func tag(_ text: Substring) -> (name: String, value: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (trimmed(parts[0]).lowercased(), parts.count == 2 ? trimmed(parts[1]) : "")
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return String(text)
    }

    private mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ value: String?, _ tag: String) -> Choice? {
        guard let value else { return nil }
        let choice = Choice(rawValue: value.lowercased())
        if choice == nil { ignored.append("\(tag) is none of \(Self.words(Choice.self))") }
        return choice
    }

    private mutating func percent(_ value: String?) -> Int64 {
        guard let value else { return 100 }
        guard let percent = Int64(decimal: value.utf8), percent <= 100 else {
            ignored.append("pct is no number from 0 to 100")
            return 100
        }
        return percent
    }

    private static func words<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type) -> String {
        Choice.allCases.map(\.rawValue).joined(separator: ", ")
    }
}
