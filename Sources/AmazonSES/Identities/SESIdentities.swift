package import MailModel

/// SES's calls for identities: domains, and single addresses.
///
/// SES allows about one of them per second and AWS account, so callers cache answers.
package protocol SESIdentities: Sendable {
    /// Starts or repeats the verification of a domain (`VerifyDomainIdentity`).
    ///
    /// - Returns: the value of the TXT record at `_amazonses.<domain>`; the same each time.
    func verifyDomainIdentity(_ domain: DomainName) async throws(SESError) -> String

    /// Starts or repeats the set-up of Easy DKIM (`VerifyDomainDkim`).
    ///
    /// - Returns: three tokens, each for a CNAME record `<token>._domainkey.<domain>` to `<token>.dkim.amazonses.com`.
    func verifyDomainDKIM(_ domain: DomainName) async throws(SESError) -> [String]

    /// Returns the domain's verification (`GetIdentityVerificationAttributes`); ``SESVerification/Status/notStarted`` for an unknown
    /// domain.
    func identityStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status

    /// Returns the status of the domain's DKIM (`GetIdentityDkimAttributes`); ``SESVerification/Status/notStarted`` for an unknown domain.
    func dkimStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status

    /// Returns how the domain is set up, and changes nothing (`GetIdentityVerificationAttributes`, `GetIdentityDkimAttributes`,
    /// `GetIdentityMailFromDomainAttributes`).
    func identity(of domain: DomainName) async throws(SESError) -> DomainIdentity

    /// Sets the MAIL FROM domain of a domain (`SetIdentityMailFromDomain`); `nil` takes it away.
    ///
    /// Where its MX record is missing SES goes on with a host of its own.
    func setMailFrom(_ mailFrom: DomainName?, of domain: DomainName) async throws(SESError)

    /// The server that a MAIL FROM domain needs as its MX: `feedback-smtp.<region>.amazonses.com`.
    var feedbackServer: String { get }

    /// Makes SES mail a link to an address; opening it verifies the address (`VerifyEmailIdentity`).
    func verifyEmailIdentity(_ address: EmailAddress) async throws(SESError)

    /// Returns the verification of at most 100 addresses (`GetIdentityVerificationAttributes`); unknown ones are left out.
    func identityStatuses(of addresses: [EmailAddress]) async throws(SESError) -> [EmailAddress: SESVerification.Status]

    /// Deletes a domain at SES (`DeleteIdentity`); an unknown one is no error.
    func deleteIdentity(_ domain: DomainName) async throws(SESError)

    /// Deletes an address at SES (`DeleteIdentity`); an unknown one is no error.
    func deleteIdentity(_ address: EmailAddress) async throws(SESError)
}

/// How a domain is set up at SES, and with it what its DNS records have to contain.
package struct DomainIdentity: Sendable, Equatable {
    /// The value of the TXT record at `_amazonses.<domain>`; `nil` where SES does not know the domain.
    package var verificationToken: String?
    /// The tokens of the CNAME records `<token>._domainkey.<domain>` to `<token>.dkim.amazonses.com`; none where DKIM is not set up.
    package var dkimTokens: [String]
    /// The MAIL FROM domain; `nil` where SES uses its own.
    package var mailFrom: DomainName?

    /// Creates an identity.
    package init(verificationToken: String?, dkimTokens: [String], mailFrom: DomainName? = nil) {
        self.verificationToken = verificationToken
        self.dkimTokens = dkimTokens
        self.mailFrom = mailFrom
    }
}
