/// What receivers are to do with mail that claims to be a domain's and is not authenticated (DMARC, RFC 7489).
public struct DMARCRecord: Sendable, Equatable {
    public enum Policy: String, Sendable, CaseIterable {
        /// Nothing; the owner watches.
        case none
        case quarantine
        case reject
    }

    /// How near an authenticated name has to be to that in `From`.
    public enum Alignment: String, Sendable, CaseIterable {
        /// The same organization's.
        case relaxed = "r"
        /// The same.
        case strict = "s"
    }

    public var policy: Policy
    /// For subdomains without a record of their own, where it differs.
    public var subdomainPolicy: Policy?
    public var dkimAlignment = Alignment.relaxed
    public var spfAlignment = Alignment.relaxed
    /// To how many of the messages in a hundred the policy applies.
    public var percent: Int64 = 100
    /// Where reports go: URIs.
    public var reports: [String] = []

    /// Why a text is no valid record, in a sentence.
    public struct Malformed: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// Whether a TXT record is meant to be one: it begins with `v=DMARC1`.
    public static func isOne(_ text: String) -> Bool {
        text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first.map { tag($0) }.map { $0 == ("v", "DMARC1") }
            ?? false
    }

    /// Reads a record (RFC 7489 section 6.3 and 6.4). Tags that nobody knows are ignored.
    public init(parsing text: String) throws(Malformed) {
        guard Self.isOne(text) else { throw Malformed(description: "it does not begin with v=DMARC1") }
        var values: [String: String] = [:]
        for part in text.split(separator: ";").dropFirst() {
            let (name, value) = Self.tag(part)
            guard !(name.isEmpty && value.isEmpty) else { continue }
            guard values[name] == nil else { throw Malformed(description: "\(name) stands in it twice") }
            values[name] = value
        }
        guard let policy: Policy = try Self.choice(values["p"]?.lowercased(), "p") else {
            throw Malformed(description: "p, the policy, is missing")
        }
        self.policy = policy
        subdomainPolicy = try Self.choice(values["sp"]?.lowercased(), "sp")
        dkimAlignment = try Self.choice(values["adkim"]?.lowercased(), "adkim") ?? .relaxed
        spfAlignment = try Self.choice(values["aspf"]?.lowercased(), "aspf") ?? .relaxed
        percent = try Self.percent(values["pct"])
        reports = (values["rua"] ?? "").split(separator: ",").map { Self.trimmed($0) }.filter { !$0.isEmpty }
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

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ value: String?, _ tag: String
    ) throws(Malformed) -> Choice? {
        guard let value else { return nil }
        guard let choice = Choice(rawValue: value) else {
            throw Malformed(description: "\(tag) is none of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    private static func percent(_ value: String?) throws(Malformed) -> Int64 {
        guard let value else { return 100 }
        guard let percent = decimal(value.utf8), percent <= 100 else { throw Malformed(description: "pct is no number from 0 to 100") }
        return percent
    }
}
