package import MailModel

/// How a domain is set up at SES: what its records in the DNS have to say.
package struct DomainIdentity: Sendable, Equatable {
    /// The value of the TXT record at `_amazonses.<domain>`; `nil` where SES does not know the domain.
    package var verificationToken: String?
    /// Each for a CNAME record `<token>._domainkey.<domain>` to `<token>.dkim.amazonses.com`; none where DKIM is not set up.
    package var dkimTokens: [String]
    /// The MAIL FROM domain; `nil` where SES uses its own.
    package var mailFrom: DomainName?

    package init(verificationToken: String?, dkimTokens: [String], mailFrom: DomainName? = nil) {
        self.verificationToken = verificationToken
        self.dkimTokens = dkimTokens
        self.mailFrom = mailFrom
    }
}
