package import MailModel

/// The check of one DNS record: what is expected, and what was found.
package struct RecordCheck: Sendable, Equatable {
    /// What the record is for.
    package enum Purpose: String, Sendable, CaseIterable {
        /// Proves to SES that the domain is the customer's.
        case verification
        /// Proves to Martlet that the domain is the account's, where SES's verification does not.
        case ownership
        /// Points to the key of SES's signature (RFC 6376).
        case dkim
        /// Authorises SES to send for the domain (RFC 7208).
        case spf
        /// Takes bounces where the envelope sender is of the domain.
        case mailFrom = "mail_from"
        /// Authorises SES to send for the domain of the envelope sender.
        case mailFromSPF = "mail_from_spf"
        /// Says what receivers do with mail that is not authenticated (RFC 7489).
        case dmarc
        /// Takes replies.
        case mx
        /// Leads the links of opens and clicks to SES, where the configuration set has a redirect domain of its own.
        case redirect
    }

    /// The result of the check.
    package enum State: String, Sendable, CaseIterable {
        /// The record is there and correct.
        case found
        /// There is no such record.
        case missing
        /// There is a record that is not correct.
        case different
        /// The DNS, or SES, did not answer.
        case unknown
    }

    /// What the record is for.
    package var purpose: Purpose
    /// `TXT`, `CNAME` or `MX`.
    package var type: String
    /// The name of the record, in full.
    package var name: String
    /// The value to set; `nil` where any will do, or where it is not known yet.
    package var expected: String?
    /// The values that were found.
    package var seen: [String] = []
    /// The result of the check.
    package var state: State = .missing
    /// What to do, in a sentence or two.
    package var advice: String?
    /// The number of DNS lookups that a receiver needs for the SPF policy.
    package var lookups: Int?
    /// For the DMARC record: what it asks for.
    package var dmarc: DMARCResult?

    /// The policy of a DMARC record, and whether SES's mail satisfies it.
    package struct DMARCResult: Sendable, Equatable {
        /// What receivers are asked to do.
        package var policy: DMARCRecord.Policy
        /// Whether the domain of the DKIM signature is aligned with `From`; one of the two has to be.
        package var isDKIMAligned: Bool
        /// Whether the domain of the envelope sender is.
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

    /// The check where the DNS did not answer.
    func unanswered() -> RecordCheck {
        unknown("The DNS did not answer in time, or its servers fail: try again in a minute.")
    }

    private func with(_ state: State, _ seen: [String], _ advice: String?) -> RecordCheck {
        var check = self
        (check.state, check.seen, check.advice) = (state, seen, advice)
        return check
    }
}

/// The checks of all records of a domain.
package struct DNSCheck: Sendable, Equatable {
    /// The domain that was checked.
    package var domain: DomainName
    /// When it was checked.
    package var checkedAt: Timestamp
    /// One for each record, in the order of the page.
    package var records: [RecordCheck]
}
