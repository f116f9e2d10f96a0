package import MailModel

/// A record of the DNS as it should be and as it is.
package struct RecordCheck: Sendable, Equatable {
    package enum Purpose: String, Sendable, CaseIterable {
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

    package enum State: String, Sendable, CaseIterable {
        /// It is there, and does what it should.
        case found
        /// There is no such record.
        case missing
        /// There is one that does not do what it should.
        case different
        /// The DNS, or SES, did not say.
        case unknown
    }

    package var purpose: Purpose
    /// `TXT`, `CNAME` or `MX`.
    package var type: String
    package var name: String
    /// What to put there; `nil` where any will do, or where it is not known yet.
    package var expected: String?
    /// What is there.
    package var seen: [String] = []
    package var state: State = .missing
    /// What to do, in a sentence or two.
    package var advice: String?
    /// How often a receiver has to ask the DNS for the SPF policy.
    package var lookups: Int?
    package var dmarc: DMARCFinding?

    /// What DMARC asks for, and whether SES's mail satisfies it.
    package struct DMARCFinding: Sendable, Equatable {
        package var policy: DMARCRecord.Policy
        /// DKIM's domain counts as that of `From`: one of the two has to.
        package var isDKIMAligned: Bool
        /// The envelope's domain does.
        package var isSPFAligned: Bool
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
package struct DNSCheck: Sendable, Equatable {
    package var domain: DomainName
    package var checkedAt: Timestamp
    package var records: [RecordCheck]
}
