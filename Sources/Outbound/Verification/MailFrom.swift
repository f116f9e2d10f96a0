package import MailModel

/// The MAIL FROM domain of a domain: the host of the envelope sender of its mail, and SES's server that takes the bounces there (Amazon SES
/// Developer Guide, "Using a custom MAIL FROM domain").
package struct MailFrom: Sendable, Equatable {
    /// The policy that authorises SES to send for the host.
    static let policy = "v=spf1 include:\(SPFTree.amazon) ~all"

    /// The host, below the domain.
    package let domain: DomainName
    /// SES's server: `feedback-smtp.<region>.amazonses.com`.
    package let server: String

    /// A MAIL FROM domain.
    package init(_ domain: DomainName, server: String) {
        self.domain = domain
        self.server = server
    }

    /// The records that SES needs there.
    var records: [VerificationRecords.Record] {
        [
            .init(type: "MX", name: domain.description, value: "10 \(server)"),
            .init(type: "TXT", name: domain.description, value: Self.policy),
        ]
    }
}

/// What a call of `ses-verify` does with the MAIL FROM domain.
package enum MailFromChange: Sendable, Hashable {
    /// Sets it: a label such as `mail`, or a name below the domain in full.
    case set(String)
    /// Takes it away: SES uses its own host.
    case off

    /// Returns the MAIL FROM domain after the change; `nil` for none.
    ///
    /// SES has one identity for all who claim a name: only who needs no further proof may change it.
    func domain(of domain: SendingDomain) throws(Refusal) -> DomainName? {
        guard !domain.ownership.isContested else {
            throw Refusal(.conflict, field: "mail_from", "mail_from: prove first that \(domain.name) is yours")
        }
        guard case .set(let text) = self else { return nil }
        let name = text.contains(".") ? text : "\(text).\(domain.name)"
        guard let mailFrom = try? DomainName(name), mailFrom != domain.name, mailFrom.isWithin(domain.name) else {
            throw .invalid("mail_from", "expected a name below \(domain.name), such as mail")
        }
        return mailFrom
    }
}
