package import MailModel

/// The DNS records that the owner of a domain has to set: the answer of `POST /domains/{name}/ses-verify` (specification 3.7, 3.11).
package struct VerificationRecords: Sendable, Equatable {
    /// The domain to verify.
    package let domain: DomainName
    /// The value of the TXT record.
    package let token: String
    /// One for each CNAME record.
    package let dkimTokens: [String]
    /// The record that proves that the domain is the account's; `nil` where SES's verification proves it.
    package let proof: DomainOwnership.Record?
    /// The MAIL FROM domain, where its records are asked for; `nil` for none.
    package let mailFrom: MailFrom?

    /// A record of the DNS.
    package struct Record: Sendable, Equatable {
        /// `TXT`, `CNAME` or `MX`.
        package let type: String
        /// In full, without a dot at the end.
        package let name: String
        /// The text of a TXT record, the target of a CNAME record, the preference and the server of an MX record.
        package let value: String
    }

    /// - Parameters:
    ///   - token: the verification token of SES.
    ///   - dkimTokens: the DKIM tokens of SES.
    ///   - proof: the record that proves the claim, where one is needed.
    ///   - mailFrom: the MAIL FROM domain, where there is one.
    package init(
        domain: DomainName, token: String, dkimTokens: [String], proof: DomainOwnership.Record? = nil, mailFrom: MailFrom? = nil
    ) {
        self.domain = domain
        self.token = token
        self.dkimTokens = dkimTokens
        self.proof = proof
        self.mailFrom = mailFrom
    }

    /// The records as the API returns them.
    ///
    /// The names of the CNAME records include the domain, as DNS editors need them.
    package var dnsRecords: [Record] {
        [Record(type: "TXT", name: "_amazonses.\(domain)", value: token)]
            + dkimTokens.map { Record(type: "CNAME", name: "\($0)._domainkey.\(domain)", value: "\($0).dkim.amazonses.com") }
            + (proof.map { [Record(type: "TXT", name: $0.name, value: $0.value)] } ?? []) + (mailFrom?.records ?? [])
    }
}
