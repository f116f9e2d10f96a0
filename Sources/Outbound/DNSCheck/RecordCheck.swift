public import MailModel

/// A record of the DNS as it should be and as it is.
public struct RecordCheck: Sendable, Equatable {
    public enum Purpose: String, Sendable, CaseIterable {
        /// SES's proof that the domain is the customer's.
        case verification
        case dkim
        case spf
        /// Where bounces go, when the envelope's sender is to be of the domain.
        case mailFrom = "mail_from"
        case mailFromSPF = "mail_from_spf"
        case dmarc
        /// Where answers go.
        case mx
    }

    public enum State: String, Sendable, CaseIterable {
        /// It is there, and does what it should.
        case found
        /// There is no such record.
        case missing
        /// There is one that does not do what it should.
        case different
        /// The DNS, or SES, did not say.
        case unknown
    }

    public var purpose: Purpose
    /// `TXT`, `CNAME` or `MX`.
    public var type: String
    public var name: String
    /// What to put there; `nil` where any will do, or where it is not known yet.
    public var expected: String?
    /// What is there.
    public var seen: [String] = []
    public var state: State = .missing
    /// What to do, in a sentence or two.
    public var advice: String?
    /// How often a receiver has to ask the DNS for the SPF policy.
    public var lookups: Int?
    public var dmarc: DMARCFinding?

    /// What DMARC asks for, and whether SES's mail satisfies it.
    public struct DMARCFinding: Sendable, Equatable {
        public var policy: DMARCRecord.Policy
        /// DKIM's domain counts as that of `From`: one of the two has to.
        public var isDKIMAligned: Bool
        /// The envelope's domain does.
        public var isSPFAligned: Bool
    }

    init(_ purpose: Purpose, _ type: String, _ name: String, expected: String? = nil) {
        self.purpose = purpose
        self.type = type
        self.name = name
        self.expected = expected
    }

    func found(_ seen: [String], _ advice: String? = nil) -> RecordCheck { with(.found, seen, advice) }
    func different(_ seen: [String], _ advice: String) -> RecordCheck { with(.different, seen, advice) }
    func missing(_ advice: String) -> RecordCheck { with(.missing, [], advice) }
    func unknown(_ advice: String) -> RecordCheck { with(.unknown, [], advice) }

    /// Where the DNS did not say.
    func unanswered() -> RecordCheck {
        unknown("The DNS did not answer in time, or its servers fail: try again in a minute.")
    }

    private func with(_ state: State, _ seen: [String], _ advice: String?) -> RecordCheck {
        var check = self
        (check.state, check.seen, check.advice) = (state, seen, advice)
        return check
    }
}

/// How the records of a domain are.
public struct DNSCheck: Sendable, Equatable {
    public var domain: DomainName
    public var checkedAt: Timestamp
    public var records: [RecordCheck]
}
