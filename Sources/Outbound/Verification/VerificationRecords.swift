package import MailModel

/// What the customer has to put into the DNS so that SES believes the domain: the answer of `POST /domains/{name}/ses-verify` (specification 3.7).
package struct VerificationRecords: Sendable, Equatable {
    package let domain: DomainName
    /// The value of the TXT record.
    package let token: String
    /// One for each CNAME record.
    package let dkimTokens: [String]

    /// A record of the DNS.
    package struct Record: Sendable, Equatable {
        /// `TXT` or `CNAME`.
        package let type: String
        package let name: String
        package let value: String
    }

    package init(domain: DomainName, token: String, dkimTokens: [String]) {
        self.domain = domain
        self.token = token
        self.dkimTokens = dkimTokens
    }

    /// The records as the API answers them; the names of the CNAME records in full, because a DNS editor needs the domain behind them.
    package var dnsRecords: [Record] {
        [Record(type: "TXT", name: "_amazonses.\(domain)", value: token)]
            + dkimTokens.map { Record(type: "CNAME", name: "\($0)._domainkey.\(domain)", value: "\($0).dkim.amazonses.com") }
    }
}
